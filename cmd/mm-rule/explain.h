/* explain.h: why each recipient gets what it gets, as a table for people or as
 * JSON Lines. */
#ifndef MM_RULE_EXPLAIN_H
#define MM_RULE_EXPLAIN_H

#include "record.h"
#include "ruleset.h"

/* Prints on standard output, for each recipient of the message: every condition of
 * every rule, what was found, the actions that would follow, the outcome. */
void explain_record(struct ruleset *set, const struct record *r);

/* The same facts as JSON, an object a line: one for each recipient and rule, and one
 * for each outcome. */
void explain_record_json(struct ruleset *set, const struct record *r);

/* The message as if it came for the first time and for one recipient; the caller's. */
struct record *explain_alone(const struct record *r, struct str rcpt_to);

#endif
