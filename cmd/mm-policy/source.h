/* source.h: the policy in force, made anew when its files change. */
#ifndef MM_POLICY_SOURCE_H
#define MM_POLICY_SOURCE_H

#include "policy.h"
#include "watch.h"

struct policy_source {
	const char *dir, *operand;
	struct policy *policy; /* the one in force */
	struct watch watch;
	int64_t checked_ms;
};

/* 0, or -1 with problems added.  Strings stay the caller's. */
int policy_source_open(
	struct policy_source *s, const char *dir, const char *operand, struct problems *ps);
void policy_source_release(struct policy_source *s);

/* The policy, after a look at its files at most once a second.  When the new
 * content is bad the old policy stays and the log says so. */
struct policy *policy_source_current(struct policy_source *s);

#endif
