/* doubt.h: a worker that ends saying that it cannot work (exit status 75, 78, 126,
 * 127) may be broken, or it may say so of one record.  After each such end half as
 * many records are given to it, down to one at a time, in turns; each answer allows
 * one more.  Whoever was alone with it, when it had answered since the last time that one
 * was, is blamed as if the worker had died. */
#ifndef MM_QUEUE_DOUBT_H
#define MM_QUEUE_DOUBT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOUBT_MAX 64 /* records that wait for the others' turn */

struct doubt {
	size_t trust; /* records that may be in flight */
	bool worked;  /* it answered since one was alone with it when it was unable */
	int64_t had_turn[DOUBT_MAX];
	size_t n;
};

/* window: how many may be in flight at most. */
void doubt_init(struct doubt *d, size_t window);
void doubt_answered(struct doubt *d, size_t window);

/* It was unable with so many in flight, seq one of them; true: that one is to
 * blame. */
bool doubt_unable(struct doubt *d, size_t in_flight, int64_t seq);

/* Is it the others' turn? */
bool doubt_waits(const struct doubt *d, int64_t seq);

/* All had their turn: the lowest seq of those who waited, INT64_MAX for nobody. */
int64_t doubt_next_round(struct doubt *d);

#endif
