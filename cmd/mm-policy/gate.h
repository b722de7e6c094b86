/* gate.h: applies a policy to a record. */
#ifndef MM_POLICY_GATE_H
#define MM_POLICY_GATE_H

#include "policy.h"

/* Memory that serves record after record; {0} the first time. */
struct gate {
	struct facts facts;
	struct buf policy;  /* values of `policy:`, a line each */
	struct buf refused; /* recipients, a line each */
	size_t allowed, denied;
	bool log_json; /* debug_log() about each recipient */
};

/* Decides about each rcpt-to of the record: a refused one goes, with a `result:`
 * in its place; when none is left, or the message is too large, the record's
 * status is permfail.  Adds `policy:` and `size-limit:`.  dry: only these two
 * fields. */
void gate_record(struct gate *g, const struct policy *p, struct record *r, bool dry);

void gate_release(struct gate *g);

#endif
