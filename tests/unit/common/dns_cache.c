#include <stdio.h>

#include "dns_cache.h"
#include "tap.h"

static struct dns_cache *cache;

static void
put(const char *name, enum dns_status status, uint32_t ttl, int64_t now_ms)
{
	struct str rdata[2] = {STR("one"), STR("")};
	struct dns_answer a = {.status = status, .ttl = ttl, .why = "found"};
	a.rdata = rdata;
	a.n = status == DNS_FOUND ? 2 : 0;
	dns_cache_put(&cache, name, DNS_TXT, &a, now_ms);
}

static bool
known(const char *name, int64_t now_ms)
{
	return dns_cache_get(&cache, name, DNS_TXT, now_ms) != NULL;
}

static void
many(void)
{
	char name[40];
	for (int i = 0; i <= DNS_CACHE_ENTRIES; i++) {
		(void)snprintf(name, sizeof(name), "n%d.example", i);
		put(name, DNS_FOUND, 60, 0);
		(void)known("n0.example", 0);
	}
	ok(known("n0.example", 0), "what is in use stays");
	ok(!known("n1.example", 0), "the least recently used goes");
	ok(known(name, 0), "the last is there");
}

static void
large(void)
{
	static char octets[60000];
	struct str rdata = str_n(octets, sizeof(octets));
	struct dns_answer a = {.status = DNS_FOUND, .n = 1, .rdata = &rdata, .ttl = 60};
	char name[40];
	int there = 0;
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "l%d.example", i);
		dns_cache_put(&cache, name, DNS_TXT, &a, 0);
	}
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "l%d.example", i);
		there += known(name, 0);
	}
	ok(there > 200 && there < 300, "no more octets than are allowed: %d", there);
}

int
main(void)
{
	char longest[300];
	ok(!known("a.example", 0), "nothing is known at first");
	put("A.Example", DNS_FOUND, 2, 1000);
	const struct dns_answer *a = dns_cache_get(&cache, "a.eXample", DNS_TXT, 2999);
	ok(a && a->status == DNS_FOUND && a->n == 2, "found without case");
	is_strn(a->rdata[0].p, a->rdata[0].n, "one", "its octets");
	is_int((long long)a->rdata[1].n, 0, "an empty record");
	ok(!dns_cache_get(&cache, "a.example", DNS_A, 2999),
		"another type is another question");
	ok(!known("a.example", 3000), "not after its time");
	put("b.example", DNS_NXDOMAIN, 1, 0);
	ok(known("b.example", 999), "that there is none is known too");
	put("c.example", DNS_TEMPFAIL, 60, 0);
	put("d.example", DNS_BOGUS, 60, 0);
	put("e.example", DNS_FOUND, 0, 0);
	ok(!known("c.example", 0) && !known("d.example", 0) && !known("e.example", 0),
		"failures and what has no time are not kept");
	put("f.example", DNS_FOUND, UINT32_MAX, 0);
	ok(known("f.example", 3599999) && !known("f.example", 3600000), "an hour at most");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	put(longest, DNS_FOUND, 60, 0);
	ok(!known(longest, 0), "a name too long is not kept");
	many();
	large();
	dns_cache_free(&cache);
	ok(!cache, "freed");
	return done();
}
