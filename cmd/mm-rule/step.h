/* step.h: fields that tell of one action and its recipients: `plan` and `done`. */
#ifndef MM_RULE_STEP_H
#define MM_RULE_STEP_H

#include "job.h"

/* Adds "RULESET RULE/ACTION NAME ACTION TARGET <RECIPIENT>... [as <RECIPIENT>]"
 * for the recipients that are .acting, in as many fields as it takes.  With
 * outcomes: the status before the recipients and the reply behind them, without
 * those that failed for the time being. */
void step_fields(struct record *to, const char *field, const struct job *j,
	const struct action *a, bool outcomes);

#endif
