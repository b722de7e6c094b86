#include "crlf_check.h"

#include "tap.h"

/* In pieces of every size. */
static void
check(const char *name, struct str in, bool passes, size_t longest)
{
	bool good = true;
	for (size_t step = 1; step <= in.n + 1; step++) {
		struct crlf_check c = {0};
		for (struct str rest = in; rest.n; rest = str_skip(rest, step))
			crlf_check_add(&c, str_n(rest.p, rest.n < step ? rest.n : step));
		good = good && crlf_check_passed(&c) == passes &&
		       (!passes || c.longest == longest);
	}
	ok(good && crlf_is_text(in) == passes, "%s", name);
}

int
main(void)
{
	check("nothing", STR(""), true, 0);
	check("lines", STR("ab\r\n\r\nabc\r\n"), true, 3);
	check("a last line without end", STR("ab\r\nabcd"), true, 4);
	check("dots and 8-bit octets", STR(".\r\n\xff\xfe\r\n"), true, 2);
	check("a bare LF", STR("ab\ncd\r\n"), false, 0);
	check("an LF at the start", STR("\nab\r\n"), false, 0);
	check("LF CR", STR("ab\n\rcd\r\n"), false, 0);
	check("a bare CR", STR("ab\rcd\r\n"), false, 0);
	check("CR CR LF", STR("ab\r\r\n"), false, 0);
	check("a CR at the end", STR("ab\r"), false, 0);
	check("NUL", STR("a\0b\r\n"), false, 0);
	check("NUL between CR and LF", STR("ab\r\0\n"), false, 0);
	return done();
}
