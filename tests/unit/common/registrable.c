/* What of a domain somebody registered. */
#include "registrable.h"
#include "tap.h"

static void
is(const char *domain, const char *expected)
{
	const char *got = registrable_domain(domain);
	is_str(got ? got : "none", expected, domain);
}

int
main(void)
{
	is("example.com", "example.com");
	is("a.b.example.com", "example.com");
	is("a.example.co.uk", "example.co.uk");
	is("co.uk", "none");
	is("com", "none");
	is("", "none");
	is("a.b.kobe.jp", "a.b.kobe.jp");
	is("city.kobe.jp", "city.kobe.jp");
	is("x.user.github.io", "user.github.io");
	is("a.b.no-such-top", "b.no-such-top");
	is("www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn");
	return done();
}
