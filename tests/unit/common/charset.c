#include "charset.h"
#include "charset_name.h"
#include "tap.h"

static void
is_named(const char *label, const char *expected)
{
	char name[CHARSET_NAME_MAX];
	charset_name(str_of(label), name);
	is_str(name, expected, label);
}

static void
names(void)
{
	is_named("x-sjis", "CP932");
	is_named("ks_c_5601-1987", "CP949");
	is_named("cp-850", "CP850");
	is_named("ISO-8859-8-I", "ISO-8859-8");
	is_named("unicode-1-1-utf-7", "UTF-7");
	is_named("gb2312", "GB18030");
	is_named("big5", "BIG5-HKSCS");
	is_named("windows-874", "CP874");
	is_named("x-user-defined", "");
	is_named("UTF8", "");
	is_named("us-ascii", "");
	is_named("\"iso-8859-1\"", "CP1252");
	is_named("iso_8859-15", "ISO-8859-15");
	is_named("iso8859-2", "ISO-8859-2");
	is_named("win-1251", "CP1251");
	is_named("koi8_r", "KOI8-R");
	is_named("EUC_JP", "EUC-JP-MS");
	is_named("x-x-big5", "BIG5-HKSCS");
	is_named("csISOLatin1", "CP1252");
	is_named("cswindows1251", "CP1251");
	is_named("csISOLatinHebrew", "csISOLatinHebrew");
	is_named("IBM00858", "IBM858");
	is_named("cp037", "CP037");
	is_named("x-ibm737", "CP737");
	is_named("cp50221", "ISO-2022-JP");
	is_named("hz-gb-2312", "HZ");
	is_named("x-mac-ce", "MAC-CENTRALEUROPE");
	is_named("iso-8859-7//IGNORE", "ISO-8859-7");
	is_named("", "");
	is_named("x-mac-cyrillic", "MAC-CYRILLIC");
	is_named("a label that is longer than any that iconv would ever know, by far",
		"a label that is longer than any that iconv would ever ");
}

static void
is_strtext(const char *octets, size_t n, const char *charset, const char *expected)
{
	struct buf out = {0};
	charset_to_utf8(&out, str_n(octets, n), str_of(charset));
	is_strn(out.p ? out.p : "", out.n, expected, charset);
	buf_release(&out);
}

static void
is_text(const char *octets, const char *charset, const char *expected)
{
	is_strtext(octets, strlen(octets), charset, expected);
}

static void
shifting(void)
{
	is_text("a \x1b$B@55a\x1b(B b", "iso-2022-jp", "a \u6b63\u6c42 b");
	/* characters that the standard lacks and mail has */
	is_text("\x1b$B-!@55a\x1b(B b", "ISO-2022-JP", "\u2460\u6b63\u6c42 b");
	is_text("\x1b(I123\x1b(B", "cp50221", "\uff71\uff72\uff73");
	is_text("\x1b$(D0!\x1b(B", "iso-2022-jp-1", "\u4e02");
	/* one that there is not, half of one, a sequence that ends early */
	is_text("\x1b$B)!@5\x1b(Bx", "iso-2022-jp", "\ufffd\u6b63x");
	is_text("\x1b$B@55\x1b(Bx", "iso-2022-jp", "\u6b63?x");
	is_text("\x1b$B@55a\x1b$", "iso-2022-jp", "\u6b63\u6c42\x1b?");
	is_text("a~~ ~{VPND~} b", "hz-gb-2312", "a~ \u4e2d\u6587 b");
	is_text("a ~\nb ~{VP~", "hz-gb-2312", "a b \u4e2d?");
	is_text("\x1b$B", "iso-2022-jp", "");
}

static void
is_guess(const char *octets, const char *charset, const char *expected)
{
	struct buf out = {0};
	charset_guess(&out, str_of(octets), str_of(charset));
	is_strn(out.p ? out.p : "", out.n, expected, expected);
	buf_release(&out);
}

int
main(void)
{
	names();
	is_text("\xc7\xd1\xb1\xdb", "ks_c_5601-1987", "\ud55c\uae00");
	is_text("\x93\x8c\x8b\x9e", "x-sjis", "\u6771\u4eac");
	is_text("\x96\xd0", "gb2312", "\u6803"); /* in GBK only */
	is_text("\xe9\x93x\x94", "iso-8859-1", "\u00e9\u201cx\u201d");
	is_text("a\xff\xff z", "euc-jp", "a\ufffd\ufffd z");
	is_text("cut \x93", "shift_jis", "cut \ufffd");
	is_text("\xe9", "nonsense", "\u00e9");
	is_text("caf+AOk-", "utf-7", "caf\u00e9");
	is_text("ban be", "windows-1258", "ban be"); /* the last letter may get a mark */
	is_text("\xf9\xec\xe5\xed", "windows-1255", "\u05e9\u05dc\u05d5\u05dd");
	shifting();
	is_strtext("\xd8\x00\x00z", 4, "utf-16be", "\ufffdz");
	is_guess("caf\u00e9", "koi8-r", "caf\u00e9");
	is_guess("\x1b$B@55a\x1b(B", "iso-2022-jp", "\u6b63\u6c42");
	is_guess("\x1b$B@55a\x1b(B", "koi8-r", "\x1b$B@55a\x1b(B");
	is_guess("\xd0\xd2", "koi8-r", "\u043f\u0440");
	is_guess("caf\xe9", "", "caf\u00e9");
	return done();
}
