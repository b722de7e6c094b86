#include "proxy.h"

#include "buf.h"
#include "networks.h"
#include "tap.h"

static const char signature[12] = "\r\n\r\n\0\r\nQUIT\n";

static void
check(const char *name, struct str in, enum proxy_result expected, const char *client, int port,
	const char *server, size_t left)
{
	struct peer p = {.client.port = 1};
	size_t used = 0;
	enum proxy_result got = proxy_parse(in, &p, &used);
	bool good = got == expected && str_eq(str_of(p.client.text), str_of(client)) &&
		    p.client.port == port && str_eq(str_of(p.server.text), str_of(server));
	if (got == PROXY_DONE)
		good = good && used == in.n - left;
	for (size_t n = 0; got == PROXY_DONE && n < used; n++)
		good = good && proxy_parse(str_n(in.p, n), &p, &used) == PROXY_MORE;
	ok(good, "%s", name);
}

static void
done_1(const char *line, const char *client, int port, const char *server)
{
	struct buf b = {0};
	buf_addf(&b, "%s\r\nEHLO", line);
	check(line, buf_str(&b), PROXY_DONE, client, port, server, 4);
	buf_release(&b);
}

static void
bad_1(const char *line)
{
	struct buf b = {0};
	buf_addf(&b, "%s\r\n", line);
	check(line, buf_str(&b), PROXY_BAD, "", 1, "", 0);
	buf_release(&b);
}

static void
v2(const char *name, int command, int family, struct str payload, enum proxy_result expected,
	const char *client, int port, const char *server)
{
	struct buf b = {0};
	buf_add(&b, signature, sizeof(signature));
	buf_addc(&b, (char)command);
	buf_addc(&b, (char)family);
	buf_addc(&b, (char)(payload.n >> 8));
	buf_addc(&b, (char)payload.n);
	buf_adds(&b, payload);
	buf_addstr(&b, "EHLO");
	check(name, buf_str(&b), expected, client, port, server, 4);
	buf_release(&b);
}

static void
version_2(void)
{
	static char large[PROXY_MAX];
	struct str four = STR("\xc0\x00\x02\x01\xc6\x33\x64\x02\xdc\x04\x00\x19");
	struct str six = STR("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
			     "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\xdc\x04\x00\x19");
	struct str mapped = STR("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01"
				"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x33\x64\x02\xdc\x04\x00\x19");
	v2("2, IPv4", 0x21, 0x11, four, PROXY_DONE, "192.0.2.1", 56324, "198.51.100.2");
	v2("2, IPv6", 0x21, 0x21, six, PROXY_DONE, "2001:db8::1", 56324, "2001:db8::2");
	v2("2, IPv4-mapped", 0x21, 0x21, mapped, PROXY_DONE, "192.0.2.1", 56324,
		"198.51.100.2");
	v2("2, more behind the addresses", 0x21, 0x11,
		STR("\xc0\x00\x02\x01\xc6\x33\x64\x02\xdc\x04\x00\x19\x04\x00\x01x"),
		PROXY_DONE, "192.0.2.1", 56324, "198.51.100.2");
	v2("2, local", 0x20, 0x11, four, PROXY_DONE, "", 1, "");
	v2("2, a family that is not told", 0x21, 0x00, STR(""), PROXY_DONE, "", 1, "");
	v2("2, a socket's path", 0x21, 0x31, str_n(large, 216), PROXY_DONE, "", 1, "");
	v2("2, too short for IPv4", 0x21, 0x11, str_n(four.p, 11), PROXY_BAD, "", 1, "");
	v2("2, too short for IPv6", 0x21, 0x21, str_n(six.p, 35), PROXY_BAD, "", 1, "");
	v2("2, another version", 0x31, 0x11, four, PROXY_BAD, "", 1, "");
	v2("2, another command", 0x22, 0x11, four, PROXY_BAD, "", 1, "");
	v2("2, too large", 0x21, 0x11, str_n(large, sizeof(large)), PROXY_BAD, "", 1, "");
}

static void
trusted(void)
{
	struct networks set = {0};
	struct ip ip, none = {0};
	ok(networks_add(&set, STR("192.0.2.0/24, 2001:db8::/32,203.0.113.5")) == 0, "networks");
	ok(networks_add(&set, STR("192.0.2.0/33")) < 0 && networks_add(&set, STR("")) < 0 &&
			networks_add(&set, STR("192.0.2.1,")) < 0,
		"what is none");
	ok(ip_parse(STR("192.0.2.200"), &ip) == 0 && networks_have(&set, &ip), "in a network");
	ok(ip_parse(STR("2001:db8::9"), &ip) == 0 && networks_have(&set, &ip), "IPv6");
	ok(ip_parse(STR("203.0.113.6"), &ip) == 0 && !networks_have(&set, &ip), "beside one");
	ok(!networks_have(&set, &none), "a local client only if named");
	ok(networks_add(&set, STR("unix")) == 0 && networks_have(&set, &none), "unix");
	networks_release(&set);
}

int
main(void)
{
	done_1("PROXY TCP4 192.0.2.1 198.51.100.2 56324 25", "192.0.2.1", 56324,
		"198.51.100.2");
	done_1("PROXY TCP6 2001:db8::1 2001:db8::2 1024 25", "2001:db8::1", 1024,
		"2001:db8::2");
	done_1("PROXY UNKNOWN", "", 1, "");
	done_1("PROXY UNKNOWN ffff::1 ffff::2 1 2", "", 1, "");
	bad_1("PROXY TCP4 192.0.2.1 198.51.100.2 56324");
	bad_1("PROXY TCP4 192.0.2.1 198.51.100.2 56324 25 ");
	bad_1("PROXY TCP4 192.0.2.1 198.51.100.2 56324 65536");
	bad_1("PROXY TCP4 192.0.2.1  198.51.100.2 1 2");
	bad_1("PROXY TCP4 2001:db8::1 2001:db8::2 1 2");
	bad_1("PROXY TCP6 192.0.2.1 198.51.100.2 1 2");
	bad_1("PROXY UDP4 192.0.2.1 198.51.100.2 1 2");
	bad_1("PROXY");
	bad_1("EHLO me.example");
	check("a bare LF", STR("PROXY UNKNOWN\n"), PROXY_BAD, "", 1, "", 0);
	check("a line without end",
		STR("PROXY UNKNOWN "
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
		PROXY_BAD, "", 1, "", 0);
	version_2();
	trusted();
	return done();
}
