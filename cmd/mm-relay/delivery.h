/* delivery.h: a record becomes transactions, one for each destination and 100
 * recipients; their results become its fields. */
#ifndef MM_DELIVERY_H
#define MM_DELIVERY_H

#include "maildir.h"
#include "pool.h"
#include "record.h"
#include "srs.h"

struct courier {
	const struct route *route;
	struct pool *pool;              /* NULL for ROUTE_MAILDIR */
	struct maildir_batch *maildirs; /* for ROUTE_MAILDIR */
	const struct srs *srs;          /* NULL: MAIL FROM stays */
	const struct srs *reverse;      /* NULL: recipients stay too */
	size_t max_hops;                /* Received fields that a message may have */
	bool dry_run;                   /* `plan` fields instead of delivery */
	void (*finished)(void *arg, struct record *r);
	void *arg;
	size_t in_flight; /* records that are still to be given back */
};

extern const struct pool_events delivery_events; /* for pool_new() */

/* Takes the record; `finished` gives it back with its outcome, perhaps from
 * within.  Recipients with a final result are left alone. */
void delivery_start(struct courier *courier, struct record *r);

#endif
