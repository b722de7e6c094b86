#include <unistd.h>

#include "buf.h"
#include "header_text.h"
#include "tap.h"

static void
text(const char *value, const char *expected)
{
	struct arena a = {0};
	struct str s = header_text(&a, str_of(value));
	is_strn(s.p, s.n, expected, value);
	arena_release(&a);
}

/* A header of a message may have megabytes: none of this may take quadratic time. */
static void
hostile(const char *part)
{
	struct arena a = {0};
	struct buf b = {0};
	while (b.n < 2000000)
		buf_addstr(&b, part);
	ok(header_text(&a, buf_str(&b)).p != NULL, "2 MB of %s", part);
	buf_release(&b);
	arena_release(&a);
}

int
main(void)
{
	text(" plain\r\n\ttext ", "plain\ttext");
	text("=?utf-8?q?Ren=C3=A9?= x", "Ren\303\251 x");
	text("=?utf-8*fr?q?a_b?=  =?utf-8?b?Yw==?= d", "a bc d");
	text("=?utf-8?q?open", "=?utf-8?q?open");
	text("=?utf-8?x?y?= =?utf-8?q?z?=", "=?utf-8?x?y?= z");
	text("=?a b?q?y?=", "=?a b?q?y?=");
	text("=??q?y?= =?", "=??q?y?= =?");
	text("=?utf-8?q?a?b?= =?utf-8?q?c?=", "a?bc");
	alarm(20 * TAP_PATIENCE);
	hostile("=?a?b?x");
	hostile("=?a?x?");
	hostile("=?");
	hostile("=?a");
	hostile("=?a b?q?x");
	hostile("=?iso-8859-1?q?x?= =?koi8-r?q?y?= ");
	return done();
}
