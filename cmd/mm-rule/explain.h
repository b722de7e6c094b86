/* explain.h: why each recipient gets what it gets, as a table for people. */
#ifndef MM_RULE_EXPLAIN_H
#define MM_RULE_EXPLAIN_H

#include "record.h"
#include "ruleset.h"

/* Prints on standard output, for each recipient of the message: every condition of
 * every rule, what was found, the actions that would follow, the outcome. */
void explain_record(struct ruleset *set, const struct record *r);

#endif
