#include "cidr.h"
#include "tap.h"

static void
parses(const char *text, const char *canonical, int bits)
{
	struct cidr c;
	char out[IP_TEXT_SIZE];
	if (!ok(cidr_parse(str_of(text), &c) == 0, "%s is a network", text))
		return;
	is_str(ip_text(&c.ip, out), canonical, "its address");
	is_int(c.bits, bits, "its bits");
}

static void
refused(const char *text)
{
	struct cidr c;
	ok(cidr_parse(str_of(text), &c) < 0, "\"%s\" is no network", text);
}

static void
contains(const char *network, const char *address, bool expected)
{
	struct cidr c;
	struct ip ip;
	ok(cidr_parse(str_of(network), &c) == 0 && ip_parse(str_of(address), &ip) == 0 &&
			cidr_contains(&c, &ip) == expected,
		"%s in %s: %s", address, network, expected ? "yes" : "no");
}

static void
covers(const char *outer, const char *inner, bool expected)
{
	struct cidr a, b;
	ok(cidr_parse(str_of(outer), &a) == 0 && cidr_parse(str_of(inner), &b) == 0 &&
			cidr_covers(&a, &b) == expected,
		"%s covers %s: %s", outer, inner, expected ? "yes" : "no");
}

int
main(void)
{
	parses("192.0.2.7/24", "192.0.2.0", 24);
	parses("192.0.2.7", "192.0.2.7", 32);
	parses("0.0.0.0/0", "0.0.0.0", 0);
	parses("2001:DB8::1/32", "2001:db8::", 32);
	parses("::/0", "::", 0);
	parses("2001:db8::8/127", "2001:db8::8", 127);
	parses("::ffff:192.0.2.7", "192.0.2.7", 32);
	parses("::ffff:192.0.2.7/120", "192.0.2.0", 24);
	parses("::ffff:0:0/95", "::fffe:0:0", 95);
	static const char *const bad[] = {"", "/", "1.2.3", "1.2.3.4/", "1.2.3.4/33",
		"1.2.3.4/-1", "1.2.3.4/+1", "1.2.3.4/08a", "1.2.3.256", "::/129",
		"g::", "1.2.3.4/2/3", " 1.2.3.4", "fe80::1%eth0", "1.2.3.4\t"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i]);
	contains("192.0.2.0/25", "192.0.2.127", true);
	contains("192.0.2.0/25", "192.0.2.128", false);
	contains("192.0.2.0/24", "::ffff:192.0.2.9", true);
	contains("0.0.0.0/0", "2001:db8::1", false);
	contains("::/0", "192.0.2.1", false);
	contains("::/0", "::1", true);
	contains("2001:db8::/33", "2001:db8:8000::", false);
	contains("2001:db8::1", "2001:db8::1", true);
	covers("10.0.0.0/8", "10.1.0.0/16", true);
	covers("10.1.0.0/16", "10.0.0.0/8", false);
	covers("10.0.0.0/8", "11.0.0.0/16", false);
	covers("::/0", "10.0.0.0/8", false);
	return done();
}
