#include "tap.h"
#include "words.h"

static void
becomes(const char *text, const char *expected)
{
	struct buf out = {0};
	words_folded(&out, str_of(text));
	is_strn(out.p ? out.p : "", out.n, expected, expected);
	buf_release(&out);
}

static void
takes_apart(const char *text, const char *expected)
{
	struct buf out = {0};
	struct str rest = str_of(text), word;
	while (words_next(&rest, &word)) {
		buf_addc(&out, '[');
		buf_adds(&out, word);
		buf_addc(&out, ']');
	}
	is_strn(out.p ? out.p : "", out.n, expected, expected);
	buf_release(&out);
}

int
main(void)
{
	becomes("Invoice no. 42/7, ab_c", "invoice no 42 7 ab c");
	becomes("  !  ", "");
	becomes("Caf\u00e9 CAFE\u0301 \u1ed8 \u0130", "cafe cafe o i");
	becomes("Stra\u00dfe \u0141\u00f3d\u017a", "stra\u00dfe \u0142odz");
	becomes("\u041c\u043e\u0439 \u0401\u043b\u043a\u0430",
		"\u043c\u043e\u0438 \u0435\u043b\u043a\u0430");
	becomes("\u03a6\u03af\u03bb\u03bf\u03c2", "\u03c6\u03b9\u03bb\u03bf\u03c3");
	becomes("a\u6771\u4eac\u30acb\u3002x", "a \u6771 \u4eac \u30ac b x");
	becomes("\uff21\uff22\uff11", "ab1");
	becomes("\u0e19\u0e49\u0e33 \ud55c\uad6d\uc5b4",
		"\u0e19\u0e49\u0e33 \ud55c\uad6d\uc5b4");
	becomes("\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939\u093f\u0928\u094d\u0926\u0940");
	becomes("a\xff"
		"b\xc3",
		"a b");
	becomes("\U0001f600x\U00020000y", "x \U00020000 y");
	takes_apart("Caf\u00e9, CAFE\u0301!", "[Caf\u00e9][CAFE\u0301]");
	takes_apart("\u0301a\u6771\u4eacb", "[a][\u6771][\u4eac][b]");
	return done();
}
