#include <stdlib.h>

#include "str.h"
#include "tap.h"

static void
compare(void)
{
	ok(str_eq(STR(""), STR_NONE), "empty equals absent");
	ok(str_eq(STR("a"), STR("a")) && !str_eq(STR("a"), STR("A")), "eq sees case");
	ok(!str_eq(STR("a"), STR("ab")), "eq sees length");
	ok(str_ieq(STR("aZ-9"), STR("Az-9")), "ieq folds ASCII");
	ok(!str_ieq(STR("\xc3\xa4"), STR("\xc3\x84")), "ieq folds ASCII only");
	ok(!str_ieq(STR("@"), STR("`")) && !str_ieq(STR("["), STR("{")),
		"ieq folds letters only");
	ok(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")), "starts");
	ok(str_istarts(STR("ABc"), STR("ab")) && !str_starts(STR("ABc"), STR("ab")), "istarts");
	ok(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")), "ends");
	ok(str_iends(STR("aBC"), STR("bc")) && !str_ends(STR("aBC"), STR("bc")), "iends");
	ok(str_icontains(STR("xABy"), STR("ab")), "icontains in the middle");
	ok(str_icontains(STR("xAB"), STR("ab")), "icontains at the end");
	ok(!str_icontains(STR("a"), STR("ab")), "icontains longer than the text");
	char lower[3];
	ok(str_eq(str_lowered(STR("A\xc4Zz"), lower, sizeof(lower)), STR("a\xc4z")),
		"lowered, as much as there is room for");
	ok(str_contains(STR("aab"), STR("ab")), "contains at the end");
	ok(str_contains(STR("ab"), STR("ab")), "contains the whole");
	ok(str_contains(STR("abc"), STR("")), "contains the empty part");
	ok(!str_contains(STR("aaa"), STR("ab")), "contains not");
	ok(!str_contains(STR_NONE, STR("a")), "an absent text contains nothing");
	char many[300];
	memset(many, 'a', sizeof(many));
	many[299] = 'b';
	ok(str_contains(str_n(many, sizeof(many)), STR("aab")), "contains in a long text");
	ok(!str_contains(str_n(many, 256), STR("ab")), "contains not in a long text");
	ok(str_icontains(STR("a"), STR("")), "icontains nothing");
	ok(str_starts(STR_NONE, STR("")) && !str_starts(STR_NONE, STR("a")), "absent text");
}

static void
pieces(void)
{
	struct str rest = STR("a,,b");
	struct str p = str_cut(&rest, ',');
	is_strn(p.p, p.n, "a", "first piece");
	p = str_cut(&rest, ',');
	is_strn(p.p, p.n, "", "empty piece");
	p = str_cut(&rest, ',');
	is_strn(p.p, p.n, "b", "last piece");
	ok(!rest.p, "nothing is left");
	rest = STR("a,");
	str_cut(&rest, ',');
	ok(rest.p && rest.n == 0, "a separator at the end leaves an empty piece");
	rest = STR(" \tab\t c ");
	p = str_word(&rest);
	is_strn(p.p, p.n, "ab", "first word");
	p = str_word(&rest);
	is_strn(p.p, p.n, "c", "second word");
	ok(str_word(&rest).n == 0, "no third word");
	p = str_trim(STR(" \r\n\ta b \r\n"));
	is_strn(p.p, p.n, "a b", "trimmed");
	ok(str_trim(STR("\r\n ")).n == 0, "trimmed to nothing");
	ok(str_is_ascii(STR("a~\x7f")) && str_is_ascii(STR("")), "ASCII");
	ok(!str_is_ascii(STR("k\xc3\xa4se")), "not ASCII");
	p = str_skip(STR("abc"), 2);
	is_strn(p.p, p.n, "c", "skipped");
	ok(str_skip(STR("abc"), 9).n == 0, "skipped beyond the end");
}

static void
copies(void)
{
	char small[4];
	ok(str_copy(STR("abc"), small, sizeof(small)), "fits");
	is_str(small, "abc", "copied");
	ok(!str_copy(STR("abcd"), small, sizeof(small)), "is cut");
	is_str(small, "abc", "terminated all the same");
	ok(str_copy(STR_NONE, small, sizeof(small)) && !*small, "absent is empty");
	char *dup = str_dup(STR("xy"));
	is_str(dup, "xy", "dup");
	free(dup);
}

int
main(void)
{
	compare();
	pieces();
	copies();
	return done();
}
