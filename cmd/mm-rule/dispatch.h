/* dispatch.h: actions for real: a record to the action's coprocess for the
 * recipients that have the same message, its answer back to each of them. */
#ifndef MM_RULE_DISPATCH_H
#define MM_RULE_DISPATCH_H

#include "evaluate.h"
#include "filter.h"
#include "journal.h"
#include "pool.h"

/* The ctx of jobs under this executor. */
struct dispatch {
	struct filter *filter; /* gets the finished records */
	struct pool *pool;
	struct journal *journal; /* NULL: there is none */

	/* private: jobs whose action is finished, and not yet in the journal */
	struct job **finished;
	size_t nfinished, cap;
	struct ev_timer turn;
};

/* filter, pool and journal are set. */
void dispatch_init(struct dispatch *d);
void dispatch_release(struct dispatch *d);

extern const struct executor dispatch_executor;

#endif
