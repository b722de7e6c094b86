/* mta_sts_cache.h: MTA-STS policies that were fetched, in memory and, where there is
 * a directory for it, on disk, a file a domain that several processes share. */
#ifndef MM_MTA_STS_CACHE_H
#define MM_MTA_STS_CACHE_H

#include "mta_sts_policy.h"

struct sts_entry {
	char id[STS_ID_SIZE]; /* of the TXT record when it was fetched */
	int64_t fetched_ms, expires_ms;
	struct sts_policy policy;
};

struct sts_cache;

/* dir NULL: in memory only.  Else DIR/mta-sts is made where it is missing; NULL after
 * an error was logged. */
struct sts_cache *sts_cache_new(const char *dir);
void sts_cache_free(struct sts_cache *c);

/* The entry of a domain (A-labels), unless it has expired; NULL if there is none.
 * Valid until the next call. */
const struct sts_entry *sts_cache_get(struct sts_cache *c, const char *domain, int64_t now_ms);

/* Keeps a policy; text must be one that sts_policy_read() takes. */
const struct sts_entry *sts_cache_put(struct sts_cache *c, const char *domain, const char *id,
	struct str text, int64_t now_ms);

#endif
