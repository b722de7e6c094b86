/* fair.h: shares of the window, so that a slow destination does not keep the
 * others' mail waiting.  A destination is the domain of a recipient.  None may have
 * more records in flight than there are places free: one alone can have half of
 * the window, and whoever comes next finds room.  What has to wait is parked: its
 * number is remembered, and it goes when its destinations have room again.
 *
 * A record with several destinations counts only for the slowest of them, those that
 * keep it: see pace.h.  Nobody is kept out by mail to others: one record to a
 * destination alone may always be in flight, which also tells how long it takes.
 *
 * Of a dead destination, see reach.h, what was tried before is not tried but deferred
 * until one record, a probe, may find out whether it is back.  Fresh records are
 * always tried. */
#ifndef MM_QUEUE_FAIR_H
#define MM_QUEUE_FAIR_H

#include <uthash.h>

#include "outcome.h"
#include "pace.h"
#include "reach.h"
#include "schedule.h"
#include "store.h"

#define FAIR_DESTINATIONS 8    /* of one record that count */
#define FAIR_PARKED_MAX 100000 /* records */

struct destination;
struct lane;
struct parked;

/* What one record in flight holds. */
struct fair_share {
	struct destination *of[FAIR_DESTINATIONS];
	size_t n, weight;
	bool retried;
	unsigned counts; /* bit i: for of[i] */
	int64_t since;   /* it is at hand */
	struct fair_share *prev, *next;
};

struct fair {
	struct destination *all;    /* a hash by name */
	struct lane *waiting;       /* those in which something is parked, in turns */
	struct parked *parked;      /* a hash by number */
	size_t sweep_at;            /* from so many on, those not in use are forgotten */
	struct fair_share *several; /* in flight, those with several destinations */
	size_t nseveral;
	int64_t recount_at;
};

/* What there is still room for. */
struct fair_room {
	size_t records, bytes;
	size_t retried;    /* records that were tried before */
	bool last_attempt; /* it is tried, dead or not */
};

enum fair_answer {
	FAIR_GO,     /* to be taken with fair_take() */
	FAIR_PARKED, /* fair_next() gives it when there is room */
	FAIR_FULL,   /* nothing more can be parked */
	FAIR_LATER   /* its destinations are dead: at *next */
};

enum fair_answer fair_ask(struct fair *f, const struct store_row *row,
	const struct fair_room *room, int64_t now, struct fair_share *out, int64_t *next);

/* It holds its share now, and stays where it is in memory, until fair_leave().
 * mono: a clock that never goes back. */
void fair_take(struct fair *f, struct fair_share *share, int64_t mono);

/* Before fair_next(): says again for whom those in flight count. */
void fair_recount(struct fair *f, int64_t mono);

bool fair_is_parked(const struct fair *f, int64_t seq);

/* Takes one that is parked and has room; false: there is none. */
bool fair_next(struct fair *f, const struct fair_room *room, int64_t *seq);

/* What an attempt says of its destinations; o NULL: all went well. */
void fair_learn(struct fair_share *share, const struct outcome *o, const struct schedule *s,
	int64_t now);

/* The worker has given it back now. */
void fair_learn_pace(struct fair_share *share, int64_t mono);

void fair_leave(struct fair *f, struct fair_share *share);

/* By hand somebody wants to see them tried. */
void fair_forgive(struct fair *f);
void fair_release(struct fair *f);

#endif
