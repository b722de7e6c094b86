/* policy.h: a traffic policy, compiled: may this client send to this recipient? */
#ifndef MM_POLICY_H
#define MM_POLICY_H

#include "condition.h"

struct statement {
	struct conditions conditions; /* all of them must hold */
	bool allow;
	char *note; /* the policy field when it decides: "deny policy=NAME statement=0" */
};

struct policy {
	char *name, *id; /* id: TrafficPolicyId, else the name */
	json_t *json;    /* that it was made from */
	char *files[3];  /* that it was made from; NULL ends: policy, site, ingress point */
	struct references refs;
	struct statement *statements;
	size_t nstatements;
	bool default_allow;
	char *default_note;
	uint64_t max_size; /* octets; 0 is no limit */
	char *size_limit;  /* the same as text; NULL */
	char *deny_reply, *size_reply;
};

struct decision {
	bool allow;
	bool by_default;
	size_t statement; /* unless by default */
};

/* operand: a path, or the name, id or ARN of a traffic policy of the site at dir,
 * or of an ingress point, which means the policy that it names.  lenient:
 * limits, patterns and unresolved references are warnings.  NULL with problems
 * added; else policy_free(). */
struct policy *policy_load(
	const char *dir, const char *operand, bool lenient, struct problems *ps);
void policy_free(struct policy *p); /* NULL is allowed */

/* All DENY statements come first, then all ALLOW statements, then the default;
 * a statement decides when all its conditions hold. */
struct decision policy_decide(const struct policy *p, struct facts *f);

/* What the policy field says of it. */
const char *policy_note(const struct policy *p, const struct decision *d);

/* What decided, for a log: "RECIPIENT EQUALS a@b (found a@b)"; of a default
 * the first condition of each statement that did not hold. */
void policy_reason(
	const struct policy *p, const struct decision *d, struct facts *f, struct buf *out);

#endif
