/* plan.h: a dry run: what would be done, as `plan` fields. */
#ifndef MM_RULE_PLAN_H
#define MM_RULE_PLAN_H

#include "evaluate.h"

/* The ctx of jobs under this executor is the struct filter that gets the
 * records. */
extern const struct executor plan_executor;

/* An external action as if it had succeeded, for executors that only look. */
bool plan_external(struct job *j, const struct action *a);

#endif
