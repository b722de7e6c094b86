#include "limits.h"

#include "tap.h"

static struct ip
ip(const char *text)
{
	struct ip out;
	ok(ip_parse(str_of(text), &out) == 0, "%s", text);
	return out;
}

int
main(void)
{
	struct limits l = {0};
	struct ip a = ip("192.0.2.1"), b = ip("192.0.2.2"), c = ip("2001:db8::1"),
		  d = ip("2001:db8::ffff:1"), e = ip("2001:db8:0:1::1");
	ok(limits_enter(&l, &a, 2) && limits_enter(&l, &a, 2), "two of an address");
	ok(!limits_enter(&l, &a, 2), "not three");
	ok(limits_enter(&l, &b, 2), "another address");
	limits_leave(&l, &a);
	ok(limits_enter(&l, &a, 2), "one again when one has left");
	ok(limits_enter(&l, &c, 1) && !limits_enter(&l, &d, 1), "a /64 is one client");
	ok(limits_enter(&l, &e, 1), "the next /64 another");
	is_int((long long)l.total, 5, "all of them");

	for (int i = 0; i < LIMITS_AUTH_FAILURES - 1; i++)
		limits_auth_failed(&l, &a, 1000);
	ok(limits_auth_allowed(&l, &a, 2000), "nine failures");
	limits_auth_failed(&l, &a, 2000);
	ok(!limits_auth_allowed(&l, &a, 3000), "ten");
	ok(limits_auth_allowed(&l, &b, 3000), "not for others");
	limits_leave(&l, &a);
	limits_leave(&l, &a);
	ok(!limits_auth_allowed(&l, &a, 3000), "leaving does not help");
	ok(limits_auth_allowed(&l, &a, 1000 + LIMITS_AUTH_WINDOW_MS), "waiting does");
	limits_auth_failed(&l, &a, 2000 + LIMITS_AUTH_WINDOW_MS);
	ok(limits_auth_allowed(&l, &a, 3000 + LIMITS_AUTH_WINDOW_MS), "and counts anew");

	struct ip none = {0};
	ok(limits_enter(&l, &none, 1) && limits_enter(&l, &none, 1), "no address, no limit");
	for (int i = 0; i <= LIMITS_AUTH_FAILURES; i++)
		limits_auth_failed(&l, &none, 1000);
	ok(limits_auth_allowed(&l, &none, 1000), "nor is anybody locked out");
	size_t total = l.total;
	limits_leave(&l, &none);
	limits_leave(&l, &none);
	is_int((long long)l.total, (long long)total - 2, "the total counts");
	limits_release(&l);
	return done();
}
