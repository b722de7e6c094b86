/* lint.h: what is valid in a rule set and yet surely not meant. */
#ifndef MM_RULE_LINT_H
#define MM_RULE_LINT_H

#include "ruleset.h"

/* Adds an error for an action without the key that it signs with, and warnings: rules that
 * never match or are never tried, actions that are never done, mail that nothing delivers,
 * conditions that contradict each other. */
void ruleset_lint(const struct ruleset *set, struct problems *ps);

#endif
