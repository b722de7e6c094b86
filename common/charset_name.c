#include <stdio.h>
#include <stdlib.h>

#include "charset_name.h"

struct alias {
	const char *label, *name;
};

/* Labels without '-', '_', ' ' and "x-" or "cs" before, in lower case, code pages as "cp"
 * and the number; sorted for bsearch. */
static const struct alias aliases[] = {
	{"5601", "CP949"},
	{"646", ""},
	{"8bit", ""},
	{"ansix3.41968", ""},
	{"ansix3.41986", ""},
	{"ascii", ""},
	{"big5", "BIG5-HKSCS"},
	{"big5eten", "BIG5-HKSCS"},
	{"big5hkscs", "BIG5-HKSCS"},
	{"big5tw", "BIG5-HKSCS"},
	{"bigfive", "BIG5-HKSCS"},
	{"binary", ""},
	{"chinese", "GB18030"},
	{"chinesebig5", "BIG5-HKSCS"},
	{"cnbig5", "BIG5-HKSCS"},
	{"cngb", "GB18030"},
	{"cp10000", "MACINTOSH"},
	{"cp1200", "UTF-16LE"},
	{"cp1201", "UTF-16BE"},
	{"cp1252", "CP1252"},
	{"cp154", "PT154"},
	{"cp20127", ""},
	{"cp20866", "KOI8-R"},
	{"cp21866", "KOI8-U"},
	{"cp28591", "CP1252"},
	{"cp367", ""},
	{"cp50220", "ISO-2022-JP"},
	{"cp50221", "ISO-2022-JP"},
	{"cp50222", "ISO-2022-JP"},
	{"cp51932", "EUC-JP-MS"},
	{"cp51949", "CP949"},
	{"cp52936", "HZ"},
	{"cp54936", "GB18030"},
	{"cp65001", ""},
	{"cp737", "CP737"},
	{"cp819", "CP1252"},
	{"cp936", "GB18030"},
	{"cp943", "CP932"},
	{"cp949", "CP949"},
	{"cp950", "BIG5-HKSCS"},
	{"default", ""},
	{"euc", "EUC-JP-MS"},
	{"euccn", "GB18030"},
	{"eucgb2312cn", "GB18030"},
	{"eucjp", "EUC-JP-MS"},
	{"eucjpms", "EUC-JP-MS"},
	{"eucjpwin", "EUC-JP-MS"},
	{"euckr", "CP949"},
	{"eucpkdfmtjapanese", "EUC-JP-MS"},
	{"euctw", "EUC-TW"},
	{"extendedunixcodepackedformatforjapanese", "EUC-JP-MS"},
	{"gb", "GB18030"},
	{"gb18030", "GB18030"},
	{"gb2312", "GB18030"},
	{"gb231280", "GB18030"},
	{"gb2312charset", "GB18030"},
	{"gbk", "GB18030"},
	{"hz", "HZ"},
	{"hzgb", "HZ"},
	{"hzgb2312", "HZ"},
	{"iso10646ucs2", "UTF-16"},
	{"iso10646utf8", ""},
	{"iso2022cn", "ISO-2022-CN"},
	{"iso2022jp", "ISO-2022-JP"},
	{"iso2022jp1", "ISO-2022-JP"},
	{"iso2022jp2004", "ISO-2022-JP-3"},
	{"iso2022jpext", "ISO-2022-JP"},
	{"iso2022jpms", "ISO-2022-JP"},
	{"iso2022kr", "ISO-2022-KR"},
	{"iso58gb231280", "GB18030"},
	{"iso646.irv:1991", ""},
	{"iso646us", ""},
	{"iso88591", "CP1252"},
	{"iso885911", "CP874"},
	{"iso88591:1987", "CP1252"},
	{"iso88596e", "ISO-8859-6"},
	{"iso88596i", "ISO-8859-6"},
	{"iso88598e", "ISO-8859-8"},
	{"iso88598i", "ISO-8859-8"},
	{"iso88599", "CP1254"},
	{"iso88599:1989", "CP1254"},
	{"isoir100", "CP1252"},
	{"isoir148", "CP1254"},
	{"isoir149", "CP949"},
	{"isoir58", "GB18030"},
	{"isoir6", ""},
	{"isolatin1", "CP1252"},
	{"isolatin5", "CP1254"},
	{"isolatin9", "ISO-8859-15"},
	{"jis", "ISO-2022-JP"},
	{"jis7", "ISO-2022-JP"},
	{"johab", "JOHAB"},
	{"koi", "KOI8-R"},
	{"koi8", "KOI8-R"},
	{"koi8r", "KOI8-R"},
	{"koi8ru", "KOI8-U"},
	{"koi8u", "KOI8-U"},
	{"korean", "CP949"},
	{"ksc5601", "CP949"},
	{"ksc56011987", "CP949"},
	{"ksc56011989", "CP949"},
	{"l1", "CP1252"},
	{"l5", "CP1254"},
	{"l9", "ISO-8859-15"},
	{"latin1", "CP1252"},
	{"latin5", "CP1254"},
	{"logical", "ISO-8859-8"},
	{"mac", "MACINTOSH"},
	{"macce", "MAC-CENTRALEUROPE"},
	{"maccentraleurope", "MAC-CENTRALEUROPE"},
	{"maccentraleurroman", "MAC-CENTRALEUROPE"},
	{"maccyrillic", "MAC-CYRILLIC"},
	{"macicelandic", "MAC-IS"},
	{"macroman", "MACINTOSH"},
	{"macukrainian", "MAC-UK"},
	{"mskanji", "CP932"},
	{"none", ""},
	{"pc850", "CP850"},
	{"pc850multilingual", "CP850"},
	{"pcp852", "CP852"},
	{"ptcp154", "PT154"},
	{"shiftjis", "CP932"},
	{"shiftjis2004", "SHIFT_JISX0213"},
	{"sjis", "CP932"},
	{"sjiswin", "CP932"},
	{"suneugreek", "ISO-8859-7"},
	{"tcvn5712", "TCVN"},
	{"tis620", "CP874"},
	{"ucs2", "UTF-16"},
	{"uhc", "CP949"},
	{"ujis", "EUC-JP-MS"},
	{"unicode", "UTF-16"},
	{"unicode11utf7", "UTF-7"},
	{"unicode11utf8", ""},
	{"unicode20utf7", "UTF-7"},
	{"unicode20utf8", ""},
	{"unicodefffe", "UTF-16BE"},
	{"unknown", ""},
	{"unknown8bit", ""},
	{"us", ""},
	{"usascii", ""},
	{"userdefined", ""},
	{"utf", ""},
	{"utf16", "UTF-16"},
	{"utf16be", "UTF-16BE"},
	{"utf16le", "UTF-16LE"},
	{"utf7", "UTF-7"},
	{"utf8", ""},
	{"utf8mb4", ""},
	{"viscii", "VISCII"},
	{"visual", "ISO-8859-8"},
	{"windows31j", "CP932"},
};

static int
compare(const void *key, const void *element)
{
	return strcmp(key, ((const struct alias *)element)->label);
}

static void
squeeze(struct str label, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] != '-' && label.p[i] != '_' && label.p[i] != ' ')
			out[n++] = ascii_lower(label.p[i]);
	out[n] = '\0';
}

static bool
all_digits(const char *s)
{
	return *s && s[strspn(s, "0123456789")] == '\0';
}

static bool
find_alias(const char *squeezed, char *out)
{
	const struct alias *a = bsearch(squeezed, aliases, sizeof(aliases) / sizeof(aliases[0]),
		sizeof(aliases[0]), compare);
	if (a)
		snprintf(out, CHARSET_NAME_MAX, "%s", a->name);
	return a;
}

/* "iso88592", "windows1251", "win1251", "cp850", "ibm00858" */
static bool
numbered(const char *squeezed, char *out)
{
	static const struct alias families[] = {{"windows", "CP%s"}, {"win", "CP%s"},
		{"cp", "CP%s"}, {"dos", "CP%s"}, {"ms", "CP%s"}, {"ibm", "IBM%s"}};
	if (str_starts(str_of(squeezed), STR("iso8859")) && all_digits(squeezed + 7)) {
		snprintf(out, CHARSET_NAME_MAX, "ISO-8859-%s", squeezed + 7);
		return true;
	}
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		size_t n = strlen(families[i].label);
		char page[CHARSET_NAME_MAX + 2];
		if (strncmp(squeezed, families[i].label, n) != 0 || !all_digits(squeezed + n))
			continue;
		const char *number = squeezed + n;
		while (strlen(number) > 3 && *number == '0')
			number++;
		snprintf(page, sizeof(page), "cp%s", number);
		if (!find_alias(page, out))
			snprintf(out, CHARSET_NAME_MAX, families[i].name, number);
		return true;
	}
	return false;
}

/* Without quotes, what iconv would take for its own behind a '/', and "x-". */
static struct str
bare_label(struct str label)
{
	label = str_trim(label);
	while (label.n && strchr("\"'", label.p[0]))
		label = str_skip(label, 1);
	struct str rest = label;
	label = str_cut(&rest, '/');
	while (label.n && strchr("\"';", label.p[label.n - 1]))
		label.n--;
	if (label.n >= CHARSET_NAME_MAX - 10)
		label.n = CHARSET_NAME_MAX - 10;
	while (str_istarts(label, STR("x-")))
		label = str_skip(label, 2);
	return label;
}

void
charset_name(struct str label, char out[CHARSET_NAME_MAX])
{
	char squeezed[CHARSET_NAME_MAX];
	label = bare_label(label);
	squeeze(label, squeezed);
	const char *known = squeezed + (strncmp(squeezed, "cs", 2) == 0 ? 2 : 0);
	if (!find_alias(known, out) && !numbered(known, out))
		(void)str_copy(label, out, CHARSET_NAME_MAX);
}
