/* domains.h: the domains that a message comes from and leads to. */
#ifndef MM_SCAN_DOMAINS_H
#define MM_SCAN_DOMAINS_H

#include "record.h"

#define DOMAINS_MAX 100

struct domains {
	struct {
		char *name;        /* lower case, A-labels */
		const char *where; /* a literal: "mail-from", "body", ... */
	} list[DOMAINS_MAX];
	size_t n;
};

/* Adds those of the envelope and, if there is a message, of its header and (if asked
 * for) of the links in its text: each name and what of it is registered, once, where
 * it was found first.  What is beyond DOMAINS_MAX is left out. */
void domains_collect(struct domains *d, const struct record *rec, bool body);

/* Adds one; what is no name of several labels (an address, say) is passed over. */
void domains_add(struct domains *d, struct str name, const char *where);

void domains_release(struct domains *d);

#endif
