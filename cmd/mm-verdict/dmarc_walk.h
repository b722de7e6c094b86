/* dmarc_walk.h: the DNS tree walk of RFC 9989 section 4.10. */
#ifndef MM_VERDICT_DMARC_WALK_H
#define MM_VERDICT_DMARC_WALK_H

#include "dmarc_record.h"

#define DMARC_MAX_QUERIES 8

struct dmarc_walk {
	size_t n;
	struct {
		const char *domain; /* the start or a suffix of it: a view */
		struct dmarc_record record;
	} found[DMARC_MAX_QUERIES]; /* from the longest name to the shortest */
	const char *organization;   /* the organizational domain; never NULL */
};

enum walk_step { WALK_DONE, WALK_WAIT, WALK_TEMPERROR };

/* `domain` must outlive the walk's use. */
enum walk_step dmarc_walk(struct dmarc_walk *w, struct answers *answers, const char *domain);

/* The record at _dmarc.DOMAIN alone: 1 found, 0 none, -1 not known yet, -2 the DNS
 * failed. */
int dmarc_fetch(struct answers *answers, const char *domain, struct dmarc_record *out);

#endif
