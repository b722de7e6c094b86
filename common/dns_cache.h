/* dns_cache.h: answers of the DNS that are still good, ready at hand: what the
 * resolver's own cache gives only by way of its thread. */
#ifndef MM_DNS_CACHE_H
#define MM_DNS_CACHE_H

#include "dns.h"

#define DNS_CACHE_ENTRIES 20000
#define DNS_CACHE_BYTES (16u << 20)

struct dns_cache; /* NULL is an empty one */

/* The answer, valid until the next call with this cache; NULL if it is not known.
 * Names are compared without case. */
const struct dns_answer *dns_cache_get(
	struct dns_cache **c, const char *name, enum dns_type type, int64_t now_ms);

/* Keeps a copy for as long as its ttl says, an hour at most; the least recently used
 * go when there are too many.  Failures are not kept. */
void dns_cache_put(struct dns_cache **c, const char *name, enum dns_type type,
	const struct dns_answer *a, int64_t now_ms);

void dns_cache_free(struct dns_cache **c);

#endif
