/* debug_log.h: Mail Manager's TRAFFIC_POLICY_DEBUG_LOGS: how each recipient was
 * decided, a JSON object a line on standard error. */
#ifndef MM_POLICY_DEBUG_LOG_H
#define MM_POLICY_DEBUG_LOG_H

#include "policy.h"

/* Writes the line about the recipient that f is set to: every statement that was
 * looked at, up to the one that decided.  size: octets of a message that is
 * larger than the policy allows; 0 when it is not. */
void debug_log(
	const struct policy *p, const struct decision *d, struct facts *f, uint64_t size);

#endif
