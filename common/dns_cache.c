#include <stdlib.h>
#include <uthash.h>

#include "dns_cache.h"
#include "mem.h"

#define MAX_TTL_S 3600

struct entry {
	int64_t until_ms;
	struct dns_answer answer;
	size_t bytes; /* of it all */
	UT_hash_handle hh;
	size_t key_len;
	char key[]; /* the type, the name in lower case; the octets of the answer, its canonical
		       name */
};

struct dns_cache {
	struct entry *entries; /* the least recently used first */
	size_t bytes;
};

/* Returns its length; 0 for a name that is none. */
static size_t
make_key(const char *name, enum dns_type type, char out[DNS_NAME_SIZE + 1])
{
	size_t n = 1;
	out[0] = (char)type;
	for (; *name && n <= DNS_NAME_SIZE; name++)
		out[n++] = ascii_lower(*name);
	return *name ? 0 : n;
}

static struct entry *
find(struct dns_cache *c, const char *name, enum dns_type type)
{
	char key[DNS_NAME_SIZE + 1];
	struct entry *e = NULL;
	size_t n = make_key(name, type, key);
	if (c && n)
		HASH_FIND(hh, c->entries, key, n, e);
	return e;
}

static void
drop(struct dns_cache *c, struct entry *e)
{
	HASH_DEL(c->entries, e);
	c->bytes -= e->bytes;
	free((void *)(uintptr_t)e->answer.rdata);
	free(e);
}

const struct dns_answer *
dns_cache_get(struct dns_cache **c, const char *name, enum dns_type type, int64_t now_ms)
{
	struct entry *e = find(*c, name, type);
	if (e && e->until_ms <= now_ms) {
		drop(*c, e);
		e = NULL;
	}
	if (!e)
		return NULL;
	HASH_DEL((*c)->entries, e); /* to the end, as the one used last */
	HASH_ADD_KEYPTR(hh, (*c)->entries, e->key, e->key_len, e);
	return &e->answer;
}

static struct entry *
copy(const char *key, size_t n, const struct dns_answer *a)
{
	size_t octets = a->canonical ? strlen(a->canonical) + 1 : 0, at = n;
	for (size_t i = 0; i < a->n; i++)
		octets += a->rdata[i].n;
	struct entry *e = xcalloc(1, sizeof(*e) + n + octets);
	struct str *rdata = xcalloc(a->n + 1, sizeof(*rdata));
	memcpy(e->key, key, n);
	e->key_len = n;
	for (size_t i = 0; i < a->n; at += a->rdata[i++].n) {
		if (a->rdata[i].n)
			memcpy(e->key + at, a->rdata[i].p, a->rdata[i].n);
		rdata[i] = str_n(e->key + at, a->rdata[i].n);
	}
	e->answer = *a;
	e->answer.rdata = rdata;
	if (a->canonical)
		e->answer.canonical =
			memcpy(e->key + at, a->canonical, strlen(a->canonical) + 1);
	e->bytes = sizeof(*e) + n + octets + (a->n + 1) * sizeof(*rdata);
	return e;
}

static void
keep(struct dns_cache *c, struct entry *e)
{
	struct entry *old = NULL;
	HASH_FIND(hh, c->entries, e->key, e->key_len, old);
	if (old)
		drop(c, old);
	HASH_ADD_KEYPTR(hh, c->entries, e->key, e->key_len, e);
	c->bytes += e->bytes;
	while (c->bytes > DNS_CACHE_BYTES || HASH_COUNT(c->entries) > DNS_CACHE_ENTRIES)
		drop(c, c->entries);
}

void
dns_cache_put(struct dns_cache **c, const char *name, enum dns_type type,
	const struct dns_answer *a, int64_t now_ms)
{
	char key[DNS_NAME_SIZE + 1];
	size_t n = make_key(name, type, key);
	uint32_t ttl_s = a->ttl < MAX_TTL_S ? a->ttl : MAX_TTL_S;
	if (n == 0 || ttl_s == 0 || a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS)
		return;
	if (!*c)
		*c = xcalloc(1, sizeof(**c));
	struct entry *e = copy(key, n, a);
	e->until_ms = now_ms + (int64_t)ttl_s * 1000;
	keep(*c, e);
}

void
dns_cache_free(struct dns_cache **c)
{
	while (*c && (*c)->entries)
		drop(*c, (*c)->entries);
	free(*c);
	*c = NULL;
}
