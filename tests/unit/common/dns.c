#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "dns.h"
#include "tap.h"

static struct ev_loop *loop;

struct result {
	int calls;
	enum dns_status status;
	char text[1024]; /* of the rdata, "|" between them */
	char why[64];
};

static void
describe(struct result *r, enum dns_type type, const struct dns_answer *a)
{
	struct buf b = {0};
	char name[DNS_NAME_SIZE], ip_string[IP_TEXT_SIZE];
	struct ip ip;
	int preference;
	for (size_t i = 0; i < a->n; i++) {
		if (i)
			buf_addc(&b, '|');
		if (type == DNS_TXT)
			(void)dns_rdata_txt(a->rdata[i], &b);
		else if ((type == DNS_A || type == DNS_AAAA) &&
			 dns_rdata_ip(a->rdata[i], &ip) == 0)
			buf_addstr(&b, ip_text(&ip, ip_string));
		else if (type == DNS_MX &&
			 dns_rdata_mx(a->rdata[i], &preference, name, sizeof(name)) == 0)
			buf_addf(&b, "%d %s", preference, name);
		else if (dns_rdata_name(a->rdata[i], name, sizeof(name)) == 0)
			buf_addstr(&b, name);
	}
	(void)str_copy(buf_str(&b), r->text, sizeof(r->text));
	buf_release(&b);
}

static enum dns_type asked;

static void
on_done(void *arg, const struct dns_answer *a)
{
	struct result *r = arg;
	r->calls++;
	r->status = a->status;
	(void)str_copy(str_of(a->why), r->why, sizeof(r->why));
	describe(r, asked, a);
	ev_break(loop, EVBREAK_ONE);
}

static struct result
ask(struct dns *d, const char *name, enum dns_type type)
{
	struct result r = {0};
	asked = type;
	dns_ask(d, name, type, 5000, on_done, &r);
	ok(r.calls == 0, "%s: not answered from within the question", name);
	ev_run(loop, 0);
	is_int(r.calls, 1, "answered once");
	return r;
}

static void
expect(struct dns *d, const char *name, enum dns_type type, enum dns_status status,
	const char *text)
{
	struct result r = ask(d, name, type);
	is_int(r.status, status, name);
	is_str(r.text, text, name);
}

static char path[] = "/tmp/mm-dns-XXXXXX";

static void
write_zone(const char *text)
{
	FILE *f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

static const char records[] = "example.org. IN A 192.0.2.1\n"
			      "example.org. IN A 192.0.2.2\n"
			      "example.org. IN AAAA 2001:db8::1\n"
			      "example.org. IN MX 10 mx.example.org.\n"
			      "example.org. IN TXT \"one \" \"two\"\n"
			      "www.example.org. IN CNAME example.org.\n"
			      "1.2.0.192.in-addr.arpa. IN PTR example.org.\n"
			      "a.b.test. IN A 192.0.2.9\n"
			      "null.example.org. IN MX 0 .\n"
			      "_dmarc.example.org. IN TXT \"v=DMARC1\"\n"
			      "back\\\\slash.example.org. IN TXT \"there\"\n"
			      "*.wild.example.org. IN A 192.0.2.77\n";

static void
zone_file(const char *zone)
{
	char long_label[80], long_name[300];
	write_zone(zone);
	setenv("MM_ZONE", path, 1);
	struct dns *d = dns_new(loop);
	if (!ok(d != NULL, "a resolver over a zone file"))
		return;
	struct result r = ask(d, "example.org", DNS_A);
	ok(r.status == DNS_FOUND && strlen(r.text) == strlen("192.0.2.1|192.0.2.2"),
		"two addresses: %s", r.text);
	expect(d, "EXAMPLE.org.", DNS_AAAA, DNS_FOUND, "2001:db8::1");
	expect(d, "example.org", DNS_MX, DNS_FOUND, "10 mx.example.org");
	expect(d, "null.example.org", DNS_MX, DNS_FOUND, "0 ");
	expect(d, "example.org", DNS_TXT, DNS_FOUND, "one two");
	expect(d, "www.example.org", DNS_TXT, DNS_FOUND, "one two");
	expect(d, "1.2.0.192.in-addr.arpa", DNS_PTR, DNS_FOUND, "example.org");
	expect(d, "a.b.test", DNS_A, DNS_FOUND, "192.0.2.9");
	expect(d, "b.test", DNS_A, DNS_NODATA, "");
	expect(d, "mx.example.org", DNS_A, DNS_NXDOMAIN, "");
	expect(d, "example.org", DNS_PTR, DNS_NODATA, "");
	expect(d, "nowhere.example", DNS_A, DNS_NXDOMAIN, "");
	expect(d, "back\\slash.example.org", DNS_TXT, DNS_FOUND, "there");
	expect(d, "any.wild.example.org", DNS_A, DNS_FOUND, "192.0.2.77");
	expect(d, "a..example.org", DNS_A, DNS_NXDOMAIN, "");
	expect(d, ".example.org", DNS_A, DNS_NXDOMAIN, "");
	memset(long_label, 'a', sizeof(long_label));
	(void)str_copy(STR(".example.org"), long_label + 64, 14);
	expect(d, long_label, DNS_A, DNS_NXDOMAIN, "");
	for (size_t i = 0; i < sizeof(long_name) - 1; i++)
		long_name[i] = i % 10 == 9 ? '.' : 'a';
	long_name[254] = '\0';
	expect(d, long_name, DNS_A, DNS_NXDOMAIN, "");
	dns_free(d);
	unsetenv("MM_ZONE");
}

static void
cancelling(void)
{
	struct result r = {0}, kept = {0};
	setenv("MM_ZONE", path, 1);
	struct dns *d = dns_new(loop);
	struct dns_query *q = dns_ask(d, "example.org", DNS_A, 0, on_done, &r);
	dns_ask(d, "www.example.org", DNS_A, 0, on_done, &kept);
	dns_cancel(q);
	q = dns_ask(d, "a..b", DNS_A, 0, on_done, &r);
	dns_cancel(q);
	ev_run(loop, 0);
	ok(r.calls == 0 && kept.calls == 1, "a cancelled question is not answered");
	dns_ask(d, "example.org", DNS_A, 0, on_done, &r);
	dns_free(d);
	ok(r.calls == 0, "nor one that is open when the resolver goes");
	unsetenv("MM_ZONE");
}

/* A server that never answers costs no more than the time allowed. */
static void
silence(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof(a);
	struct result r = {0};
	char resolver[64];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) < 0 ||
		getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		abort();
	(void)snprintf(resolver, sizeof(resolver), "127.0.0.1@%d", ntohs(a.sin_port));
	setenv("MM_RESOLVER", resolver, 1);
	struct dns *d = dns_new(loop);
	dns_ask(d, "example.org", DNS_A, 150, on_done, &r);
	ev_run(loop, 0);
	is_int(r.status, DNS_TEMPFAIL, "a silent server");
	is_str(r.why, "timeout", "why");
	dns_free(d);
	close(fd);
	unsetenv("MM_RESOLVER");
}

static void
rdata(void)
{
	char name[DNS_NAME_SIZE];
	struct buf b = {0};
	struct ip ip;
	int preference;
	ok(dns_rdata_name(STR("\3www\7example\3org\0"), name, sizeof(name)) == 0, "a name");
	is_str(name, "www.example.org", "its text");
	ok(dns_rdata_name(STR("\0"), name, sizeof(name)) == 0 && !*name, "the root");
	ok(dns_rdata_name(STR("\3www"), name, sizeof(name)) < 0, "cut before its end");
	ok(dns_rdata_name(STR("\4www\0"), name, sizeof(name)) < 0, "cut in a label");
	ok(dns_rdata_name(STR("\300\14"), name, sizeof(name)) < 0, "compressed");
	ok(dns_rdata_name(STR("\3w.w\0"), name, sizeof(name)) < 0, "a dot within a label");
	ok(dns_rdata_name(STR("\3w w\0"), name, sizeof(name)) < 0, "a space");
	ok(dns_rdata_name(STR("\1a\0x"), name, sizeof(name)) < 0, "octets behind it");
	ok(dns_rdata_name(STR_NONE, name, sizeof(name)) < 0, "nothing");
	ok(dns_rdata_name(STR("\3www\0"), name, 4) < 0, "more than fits");
	ok(dns_rdata_mx(STR("\1\2\1a\0"), &preference, name, sizeof(name)) == 0 &&
			preference == 258,
		"a preference");
	ok(dns_rdata_mx(STR("\1\2"), &preference, name, sizeof(name)) < 0, "half an MX");
	ok(dns_rdata_txt(STR("\3abc\0\2de"), &b) == 0, "strings");
	is_strn(b.p, b.n, "abcde", "joined");
	ok(dns_rdata_txt(STR("\4abc"), &b) < 0, "a string that is cut");
	ok(dns_rdata_ip(STR("abc"), &ip) < 0, "no address");
	buf_release(&b);
}

static void
reverse(const char *address, const char *suffix, const char *expected)
{
	char name[DNS_NAME_SIZE];
	struct ip ip;
	if (ip_parse(str_of(address), &ip) < 0)
		abort();
	dns_reverse_name(&ip, suffix, name, sizeof(name));
	is_str(name, expected, address);
}

int
main(void)
{
	char with_soa[sizeof(records) + 100];
	int fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	loop = ev_loop_new(EVFLAG_AUTO);
	unsetenv("MM_RESOLVER");
	unsetenv("MM_ZONE");
	unsetenv("MM_DNSSEC");
	rdata();
	reverse("192.0.2.7", NULL, "7.2.0.192.in-addr.arpa");
	reverse("192.0.2.7", "list.example", "7.2.0.192.list.example");
	reverse("2001:db8::1", NULL,
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
	zone_file(records);
	(void)snprintf(with_soa, sizeof(with_soa),
		". IN SOA ns.example. me.example. 1 2 3 4 5\n. IN NS ns.example.\n%s", records);
	zone_file(with_soa);
	cancelling();
	silence();
	setenv("MM_ZONE", "/nonexistent", 1);
	ok(dns_new(loop) == NULL, "a zone file that is not there");
	unlink(path);
	ev_loop_destroy(loop);
	return done();
}
