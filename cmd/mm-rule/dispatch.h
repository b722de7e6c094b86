/* dispatch.h: actions for real: a record to the action's coprocess for the
 * recipients that have the same message, its answer back to each of them. */
#ifndef MM_RULE_DISPATCH_H
#define MM_RULE_DISPATCH_H

#include "evaluate.h"
#include "filter.h"
#include "pool.h"

/* The ctx of jobs under this executor. */
struct dispatch {
	struct filter *filter; /* gets the finished records */
	struct pool *pool;
};

extern const struct executor dispatch_executor;

#endif
