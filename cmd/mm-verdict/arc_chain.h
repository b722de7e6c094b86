/* arc_chain.h: the ARC sets of a message and whether they are a chain at all (RFC
 * 8617 sections 4.2 and 5.2), before anything is verified. */
#ifndef MM_VERDICT_ARC_CHAIN_H
#define MM_VERDICT_ARC_CHAIN_H

#include "message.h"

#define ARC_MAX_INSTANCE 50

struct arc_set {
	const struct header_field *results, *signature, *seal;
};

struct arc_chain {
	unsigned n;   /* the highest instance that is there; 0: no ARC field counts one */
	bool present; /* there is a field of ARC */
	bool failed;  /* the newest seal says cv=fail: nothing may be added */
	struct arc_set sets[ARC_MAX_INSTANCE]; /* instance i at i - 1 */
};

/* Finds the sets.  NULL, or what is wrong with the chain: a literal.  A message
 * without fields of ARC has nothing wrong. */
const char *arc_chain_collect(struct arc_chain *c, const struct message *msg);

/* What an ARC-Authentication-Results field says after its instance: an
 * Authentication-Results value. */
struct str arc_results_payload(const struct header_field *f);

#endif
