#include "base64.h"

#include "tap.h"

static void
round_trip(const char *text, const char *encoded)
{
	struct buf a = {0}, b = {0};
	base64_encode(str_of(text), &a);
	is_strn(buf_str(&a).p, a.n, encoded, encoded);
	ok(base64_decode(str_of(encoded), &b) == 0, "is base64");
	is_strn(buf_str(&b).p, b.n, text, "and gives it back");
	buf_release(&a);
	buf_release(&b);
}

static void
refused(struct str s, const char *why)
{
	struct buf b = {0};
	ok(base64_decode(s, &b) < 0 && b.n == 0, "%s", why);
	buf_release(&b);
}

static void
url(struct str s, const char *encoded)
{
	struct buf b = {0};
	buf_addstr(&b, "+/=");
	base64url_encode(s, &b);
	is_strn(buf_str(&b).p, b.n, encoded, encoded);
	buf_release(&b);
}

int
main(void)
{
	round_trip("", "");
	round_trip("f", "Zg==");
	round_trip("fo", "Zm8=");
	round_trip("foo", "Zm9v");
	round_trip("foob", "Zm9vYg==");
	refused(STR("Zg"), "without padding");
	refused(STR("Zg==Zg=="), "padding within");
	refused(STR("Z==="), "more padding than there can be");
	refused(STR("===="), "nothing but padding");
	refused(STR(" Zg= "), "spaces");
	refused(STR("Zm9\n"), "a line end");
	refused(STR("Zm9\0"), "a NUL");
	refused(STR("Zm9_"), "the other alphabet");
	url(STR(""), "+/=");
	url(STR("f"), "+/=Zg");
	url(STR("\xfb\xef\xff\xfe"), "+/=--___g");
	return done();
}
