/* dmarc_psl.h: DMARC as it was before the tree walk (RFC 7489): organizations by the
 * public suffix list, policies applied to a part of the messages. */
#ifndef MM_VERDICT_DMARC_PSL_H
#define MM_VERDICT_DMARC_PSL_H

#include "dmarc_walk.h"

/* Which of the two a word of an option means: "rfc9989", or "rfc7489" (*psl is true).
 * 0, or -1. */
int dmarc_mode(const char *word, bool *psl);

/* The organizational domain (section 3.2): a suffix of the domain, which has A-labels
 * in lower case. */
const char *dmarc_psl_organization(const char *domain);

/* The policy record for an author (section 6.6.3): its own, else that of its
 * organization.  *where is the domain that has it, NULL for none. */
enum walk_step dmarc_psl_discover(struct answers *answers, const char *author,
	struct dmarc_record *record, const char **where);

/* Is a message one of those pct= of them (section 6.6.4) that the policy is for?
 * Chosen at random. */
bool dmarc_psl_sampled(int pct);

#endif
