#include <stdlib.h>

#include "dkim_canon.h"
#include "tap.h"

static void
collect(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
}

static void
body(enum dkim_canon c, const char *in, const char *expected, const char *name)
{
	struct buf out = {0};
	dkim_canon_body(c, str_of(in), collect, &out);
	is_strn(buf_str(&out).p, out.n, expected, name);
	buf_release(&out);
}

static void
field(enum dkim_canon c, const char *in, const char *expected, const char *name)
{
	struct buf out = {0};
	dkim_canon_field(&out, c, str_of(in));
	is_strn(buf_str(&out).p, out.n, expected, name);
	buf_release(&out);
}

/* RFC 6376 section 3.4.4, octet by octet. */
static void
relax_slowly(struct buf *out, struct str in)
{
	struct buf all = {0};
	bool space = false;
	for (size_t i = 0; i < in.n; i++) {
		bool line_end = in.p[i] == '\r' && i + 1 < in.n && in.p[i + 1] == '\n';
		bool wsp = in.p[i] == ' ' || in.p[i] == '\t';
		if (space && !wsp && !line_end)
			buf_addc(&all, ' ');
		space = wsp;
		if (!wsp)
			buf_addc(&all, in.p[i]);
		if (line_end)
			buf_addc(&all, in.p[++i]);
	}
	while (str_ends(buf_str(&all), STR("\r\n")))
		all.n -= 2;
	if (all.n)
		buf_add(&all, "\r\n", 2);
	buf_adds(out, buf_str(&all));
	buf_release(&all);
}

/* Mostly words of plain text, so that both ways through the code meet. */
static void
same_as_slowly(void)
{
	static const char odd[] = " \t\r\n\r\n  x";
	int wrong = 0;
	srand(1);
	for (int round = 0; round < 3000; round++) {
		char text[700];
		struct buf fast = {0}, slow = {0};
		size_t n = (size_t)rand() % sizeof(text);
		int often = 1 + rand() % 200;
		for (size_t i = 0; i < n; i++)
			text[i] = rand() % often ? (rand() % 6 ? 'a' : ' ')
						 : odd[(size_t)rand() % (sizeof(odd) - 1)];
		dkim_canon_body(DKIM_RELAXED, str_n(text, n), collect, &fast);
		relax_slowly(&slow, str_n(text, n));
		wrong += !str_eq(buf_str(&fast), buf_str(&slow));
		buf_release(&fast);
		buf_release(&slow);
	}
	is_int(wrong, 0, "relaxed bodies are those of the definition");
}

int
main(void)
{
	/* the examples of RFC 6376 section 3.4.5 */
	static const char example[] = " C \r\nD \t E\r\n\r\n\r\n";
	enum dkim_canon h, b;
	body(DKIM_RELAXED, example, " C\r\nD E\r\n", "relaxed body");
	body(DKIM_SIMPLE, example, " C \r\nD \t E\r\n", "simple body");
	field(DKIM_RELAXED, "A: X\r\n", "a:X\r\n", "relaxed field");
	field(DKIM_RELAXED, "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n", "relaxed folded field");
	field(DKIM_SIMPLE, "B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n", "simple field");

	body(DKIM_SIMPLE, "", "\r\n", "simple body that is empty");
	body(DKIM_RELAXED, "", "", "relaxed body that is empty");
	body(DKIM_SIMPLE, "\r\n\r\n", "\r\n", "simple body of empty lines");
	body(DKIM_RELAXED, " \t\r\n \r\n\t", "", "relaxed body of spaces");
	body(DKIM_SIMPLE, "x", "x\r\n", "simple body without a line end");
	body(DKIM_RELAXED, "x \t", "x\r\n", "relaxed body without a line end");
	body(DKIM_RELAXED, "a \rb\r\n", "a \rb\r\n", "a bare CR is no line end");
	field(DKIM_RELAXED, "A:\r\n \t\r\n x\r\n", "a:x\r\n", "spaces before the value");
	field(DKIM_RELAXED, "A:", "a:\r\n", "no value");
	field(DKIM_SIMPLE, "A: b", "A: b\r\n", "no line end");
	same_as_slowly();

	ok(dkim_canon_parse(STR_NONE, &h, &b) == 0 && h == DKIM_SIMPLE && b == DKIM_SIMPLE,
		"no c= is simple/simple");
	ok(dkim_canon_parse(STR("relaxed"), &h, &b) == 0 && h == DKIM_RELAXED &&
			b == DKIM_SIMPLE,
		"one word is the header's");
	ok(dkim_canon_parse(STR("simple/relaxed"), &h, &b) == 0 && h == DKIM_SIMPLE &&
			b == DKIM_RELAXED,
		"two words");
	ok(dkim_canon_parse(STR(""), &h, &b) < 0 &&
			dkim_canon_parse(STR("nowsp"), &h, &b) < 0 &&
			dkim_canon_parse(STR("simple/"), &h, &b) < 0,
		"no such words");
	return done();
}
