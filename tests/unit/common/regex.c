#include <string.h>

#include "regex.h"
#include "tap.h"

static enum regex_result
match(const char *pattern, bool folded, struct str text)
{
	struct buf why = {0};
	struct regex *r = regex_new(str_of(pattern), folded, &why);
	enum regex_result result = r ? regex_match(r, text) : REGEX_NO;
	ok(r != NULL, "%s: an expression", pattern);
	regex_free(r);
	buf_release(&why);
	return result;
}

static void
matches(void)
{
	ok(match("b.d", false, STR("a bad b")) == REGEX_YES, "somewhere in the text");
	ok(match("^B", false, STR("b")) == REGEX_NO, "case counts");
	ok(match("^\xc3\x84$", true, STR("\xc3\xa4")) == REGEX_YES, "or not, beyond ASCII too");
	ok(match("x", false, STR_NONE) == REGEX_NO, "nothing has no x");
	ok(match("^$", false, STR_NONE) == REGEX_YES, "nothing is empty");
	ok(match("b$", false, STR("\xff\xfe b")) == REGEX_YES, "octets that are no UTF-8");
}

static void
limits(void)
{
	char text[5001];
	memset(text, 'a', sizeof(text) - 1);
	text[5000] = '!';
	struct str s = str_n(text, sizeof(text));
	ok(match("^(a+)+$", false, s) == REGEX_TOO_HARD, "steps are counted");
	ok(match("^(?:(a|aa)+)\\1$", false, s) != REGEX_YES, "whatever the expression");
}

static void
errors(void)
{
	struct buf why = {0};
	ok(!regex_new(STR("a(b"), false, &why), "no expression");
	is_str(buf_cstr(&why), "missing closing parenthesis at octet 3", "and why");
	buf_reset(&why);
	ok(!regex_new(STR("\\C"), false, &why), "octets of characters cannot be had");
	buf_release(&why);
	regex_free(NULL);
}

static void
places(void)
{
	struct buf why = {0};
	size_t from = 9, to = 9;
	struct regex *r = regex_new(STR("b+"), false, &why);
	ok(regex_find(r, STR("abbab"), 0, &from, &to) == REGEX_YES && from == 1 && to == 3,
		"the first place");
	ok(regex_find(r, STR("abbab"), 3, &from, &to) == REGEX_YES && from == 4 && to == 5,
		"the next");
	ok(regex_find(r, STR("abbab"), 5, &from, &to) == REGEX_NO, "no further one");
	ok(regex_complain(r) && !regex_complain(r), "complains once");
	regex_free(r);
	buf_release(&why);
}

int
main(void)
{
	matches();
	limits();
	errors();
	places();
	return done();
}
