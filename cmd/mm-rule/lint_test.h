/* lint_test.h: what the conditions of rules say about each other, and what each of
 * them cannot mean. */
#ifndef MM_RULE_LINT_TEST_H
#define MM_RULE_LINT_TEST_H

#include "ruleset.h"

/* Each answers true only where it is certain, for tests on the same recipient of the
 * same message: whenever a holds b does; never both; always one. */
bool test_implies(const struct test *a, const struct test *b);
bool test_excludes(const struct test *a, const struct test *b);
bool test_covers(const struct test *a, const struct test *b);

bool rule_contradicts_itself(const struct rule *rule);

/* Every recipient that `narrow` takes would be taken by `wide`. */
bool rule_within(const struct rule *narrow, const struct rule *wide);

/* Adds warnings about the Conditions and Unless of a rule. */
void lint_tests(const struct ruleset *set, const struct rule *rule, struct problems *ps);

#endif
