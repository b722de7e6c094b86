/* pace.h: how long destinations take, and which of a record's keeps it.  A worker gives
 * a record back once, when its last destination is done, so the time at hand is that
 * of the slowest: it is the destination's own where there is only one, or where the
 * others are known to take much less, and no more than a bound for each else.
 *
 * Times are ms of a clock that never goes back. */
#ifndef MM_QUEUE_PACE_H
#define MM_QUEUE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: nobody knows it yet. */
struct pace {
	double mean; /* exponentially weighted: the last ones count most */
	bool known;
	bool bound;    /* it may take less than the mean: only seen with others */
	int64_t heard; /* when it was last known for sure */
};

/* Of a record that is at hand since then: bit i is set where of[i] may be what keeps it
 * now.  Who takes less than half of what the slowest does is not, nor is one that would
 * have been done long ago; one that nobody knows may be.  At least one bit is set. */
unsigned pace_keepers(struct pace *const of[], size_t n, int64_t since, int64_t now);

/* It has come back.  all: of[] are all destinations that it had. */
void pace_learn(struct pace *const of[], size_t n, bool all, int64_t since, int64_t now);

#endif
