/* fair.h: shares of the window, so that a slow destination does not keep the
 * others' mail waiting.  A destination is the domain of a recipient.  None may have
 * more records in flight than there are places free: one alone can have half of
 * the window, and whoever comes next finds room.  What has to wait is parked: its
 * number is remembered, and it goes when its destinations have room again.
 *
 * A destination that cannot be reached (replies X.4.X, RFC 3463) again and again
 * is dead.  What was tried before is then not tried but deferred until one record,
 * a probe, may find out whether it is back; the time between probes doubles, with a
 * fifth more or less by chance.  Fresh records are always tried. */
#ifndef MM_QUEUE_FAIR_H
#define MM_QUEUE_FAIR_H

#include <uthash.h>

#include "outcome.h"
#include "schedule.h"
#include "store.h"

#define FAIR_DESTINATIONS 8    /* of one record that count */
#define FAIR_PARKED_MAX 100000 /* records */
#define FAIR_DEAD_AFTER 5      /* failures in a row */

struct destination;
struct parked;

/* What one record in flight holds. */
struct fair_share {
	struct destination *of[FAIR_DESTINATIONS];
	size_t n, weight;
	bool retried;
};

struct fair {
	struct destination *all;     /* a hash by name */
	struct destination *waiting; /* those for which something is parked, in turns */
	struct parked *parked;       /* a hash by number */
	size_t sweep_at;             /* from so many on, those not in use are forgotten */
};

/* What there is still room for. */
struct fair_room {
	size_t records, bytes;
	size_t retried;    /* records that were tried before */
	bool last_attempt; /* it is tried, dead or not */
};

enum fair_answer {
	FAIR_GO,     /* it holds its share now, until fair_leave() */
	FAIR_PARKED, /* fair_next() gives it when there is room */
	FAIR_FULL,   /* nothing more can be parked */
	FAIR_LATER   /* its destinations are dead: at *next */
};

enum fair_answer fair_ask(struct fair *f, const struct store_row *row,
	const struct fair_room *room, int64_t now, struct fair_share *out, int64_t *next);

bool fair_is_parked(const struct fair *f, int64_t seq);

/* Takes one that is parked and has room; false: there is none. */
bool fair_next(struct fair *f, const struct fair_room *room, int64_t *seq);

/* What an attempt says of its destinations; o NULL: all went well. */
void fair_learn(struct fair_share *share, const struct outcome *o, const struct schedule *s,
	int64_t now);

void fair_leave(struct fair *f, struct fair_share *share);

/* By hand somebody wants to see them tried. */
void fair_forgive(struct fair *f);
void fair_release(struct fair *f);

#endif
