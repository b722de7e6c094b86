/* reach.h: whether a destination can be reached, as the attempts tell: one that could
 * not (replies X.4.X, RFC 3463) again and again is dead until a probe finds it back.
 * The time between probes doubles, with a fifth more or less by chance. */
#ifndef MM_QUEUE_REACH_H
#define MM_QUEUE_REACH_H

#include "outcome.h"
#include "schedule.h"

#define REACH_DEAD_AFTER 5 /* failures in a row */

/* All zero: nothing is known against it. */
struct reach {
	unsigned failures; /* in a row */
	int64_t wait, probe_at;
};

bool reach_is_dead(const struct reach *r);

/* Did every recipient of the domain find it unreachable?  o NULL: all went well. */
bool reach_failed(struct str domain, const struct outcome *o);

void reach_note(struct reach *r, bool failed, const struct schedule *s, int64_t now);

/* When one comes that waits for a probe. */
int64_t reach_after_probe(const struct reach *r);

#endif
