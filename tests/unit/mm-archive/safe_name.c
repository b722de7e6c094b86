#include "safe_name.h"
#include "tap.h"

static struct buf out;

static void
is_safe(const char *name, const char *expected)
{
	safe_name(&out, str_of(name), STR("image/png"), 7);
	is_strn(out.p, out.n, expected, expected);
}

static void
names(void)
{
	is_safe("report.pdf", "report.pdf");
	is_safe("r\u00e9sum\u00e9 1.pdf", "r\u00e9sum\u00e9 1.pdf");
	is_safe("/etc/passwd", "_etc_passwd");
	is_safe("..\\..\\x", "_.._x");
	is_safe("...", "attachment-7.png");
	is_safe("", "attachment-7.png");
	is_safe(".profile", "profile");
	is_safe("--help", "help");
	is_safe("x.txt. . ", "x.txt");
	is_safe("a\nb\x1b[1m\x7f", "a_b_[1m_");
	is_safe("a\xc2\x85"
		"b",
		"a_b");
	is_safe("cod.\u202egpj", "cod._gpj");
	is_safe("\u2066x\u2069", "_x_");
	is_safe("bad\xff\xc0\xaf", "bad___");
	safe_name(&out, str_n("a\0b", 3), STR("x"), 1);
	is_strn(out.p, out.n, "a_b", "NUL");
	safe_name(&out, STR(""), STR("MESSAGE/RFC822"), 2);
	is_strn(out.p, out.n, "attachment-2.eml", "a message");
	safe_name(&out, STR(""), STR("../x"), 2);
	is_strn(out.p, out.n, "attachment-2.bin", "a type that is none");
}

static void
lengths(void)
{
	struct buf name = {0};
	for (int i = 0; i < 300; i++)
		buf_addstr(&name, "\u00e9");
	buf_addstr(&name, ".tar");
	safe_name(&out, buf_str(&name), STR("x"), 1);
	ok(out.n <= SAFE_NAME_MAX && str_ends(buf_str(&out), STR("\u00e9.tar")),
		"whole characters and the ending");
	buf_addstr(&name, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	safe_name(&out, buf_str(&name), STR("x"), 1);
	ok(out.n <= SAFE_NAME_MAX, "a long ending is none");
	buf_release(&name);
}

static void
numbers(void)
{
	safe_name_numbered(&out, STR("a.tar.gz"), 2);
	is_strn(out.p, out.n, "a.tar-2.gz", "before the ending");
	safe_name_numbered(&out, STR("README"), 10);
	is_strn(out.p, out.n, "README-10", "without an ending");
}

int
main(void)
{
	names();
	lengths();
	numbers();
	buf_release(&out);
	return done();
}
