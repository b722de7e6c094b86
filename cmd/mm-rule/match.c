#include "match.h"

static bool
all_hold(const struct rule *rule, struct facts *facts, bool per_recipient)
{
	for (const struct test *t = rule->tests, *end = t + rule->ntests; t < end; t++)
		if (t->per_recipient == per_recipient &&
			condition_match(t->condition, facts, NULL) != t->expected)
			return false;
	return true;
}

bool
rule_matches_message(const struct rule *rule, struct facts *facts)
{
	return all_hold(rule, facts, false);
}

bool
rule_matches_recipient(const struct rule *rule, struct facts *facts)
{
	return !rule->per_recipient || all_hold(rule, facts, true);
}

bool
test_holds(const struct test *test, struct facts *facts, struct buf *found)
{
	return condition_match(test->condition, facts, found) == test->expected;
}

const struct test *
rule_first_failure(const struct rule *rule, struct facts *facts, struct buf *found)
{
	for (size_t i = 0; i < rule->ntests; i++) {
		buf_reset(found);
		if (!test_holds(&rule->tests[i], facts, found))
			return &rule->tests[i];
	}
	buf_reset(found);
	return NULL;
}
