/* explain.h: why each recipient gets what it gets, as a table for people. */
#ifndef MM_RULE_EXPLAIN_H
#define MM_RULE_EXPLAIN_H

#include "record.h"
#include "ruleset.h"

/* Explains every message of the operands, or of the stream on standard input when
 * there are none; envelope holds fields for bare messages.  Returns the exit
 * status. */
int explain(struct ruleset *set, char **operands, const struct record *envelope);

#endif
