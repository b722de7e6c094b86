/* spf_limits.h: the limits of RFC 7208 section 4.6.4 over a whole check, counted
 * from the questions that an evaluation asks in order.  (libspf2 counts each
 * record by itself and empty answers not at all.) */
#ifndef MM_VERDICT_SPF_LIMITS_H
#define MM_VERDICT_SPF_LIMITS_H

#include "answers.h"
#include "spf_engine.h"

struct spf_limits {
	int terms, voids;
	bool ptr_seen;
	enum dns_type after; /* DNS_MX or DNS_PTR: addresses of its hosts follow; else 0 */
	size_t host, nhosts; /* the next of them */
	char hosts[SPF_MAX_HOSTS][DNS_NAME_SIZE];
	const char *exceeded; /* which limit, for people; NULL while none */
};

/* An include or a redirect. */
void spf_limits_record(struct spf_limits *l);

/* A question and its answer.  True if it is for an address of a host that a PTR
 * record named, where failures are passed over (section 5.5). */
bool spf_limits_question(
	struct spf_limits *l, const char *name, enum dns_type type, const struct answer *a);

#endif
