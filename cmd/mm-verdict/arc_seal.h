/* arc_seal.h: makes the next set of an ARC chain (RFC 8617 section 5.1). */
#ifndef MM_VERDICT_ARC_SEAL_H
#define MM_VERDICT_ARC_SEAL_H

#include "arc_chain.h"
#include "result.h"
#include "signing_keys.h"

struct arc_sealing {
	const struct arc_chain *chain; /* as it was found in the message */
	enum auth_result cv;           /* NONE, PASS or FAIL: what it was found to be */
	struct str results;            /* an Authentication-Results value */
	const struct signing_key *key;
	int64_t now_s;
};

/* Appends the three fields of set chain->n + 1.  NULL, or why they cannot be made: a
 * literal; out is then as it was. */
const char *arc_seal(struct buf *out, const struct message *msg, const struct arc_sealing *s);

#endif
