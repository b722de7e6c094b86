/* match.h: does a rule match? */
#ifndef MM_RULE_MATCH_H
#define MM_RULE_MATCH_H

#include "ruleset.h"

/* The tests that give the same for every recipient of the message. */
bool rule_matches_message(const struct rule *rule, struct facts *facts);

/* The others, for the recipient that was set in facts. */
bool rule_matches_recipient(const struct rule *rule, struct facts *facts);

/* Does one test hold?  found gets what was compared. */
bool test_holds(const struct test *test, struct facts *facts, struct buf *found);

/* The first test in the order of the document that does not hold, found being
 * what was compared; NULL if all do. */
const struct test *rule_first_failure(
	const struct rule *rule, struct facts *facts, struct buf *found);

#endif
