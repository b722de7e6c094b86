/* rulelog.h: a line for each action of each message and for each rule that
 * matched nobody, with the fields of Mail Manager's rule-set APPLICATION_LOGS. */
#ifndef MM_RULE_RULELOG_H
#define MM_RULE_RULELOG_H

#include "job.h"

/* The rule at hand was tried: a line if it matched nobody, with the first
 * condition that failed and what was found. */
void rulelog_tried(struct job *j, size_t matched);

/* The outcome of an action for those that are .acting: a line for each status. */
void rulelog_action(const struct job *j, const struct action *a);

/* A warning if there are recipients for whom no rule delivered anything. */
void rulelog_nothing(const struct job *j);

#endif
