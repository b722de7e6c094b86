/* check.h: mm-rule --check. */
#ifndef MM_RULE_CHECK_H
#define MM_RULE_CHECK_H

#include "ruleset.h"

/* Prints everything that is wrong with each of the rule sets.  Returns the exit
 * status: 0, or 65 when there are errors. */
int check(char **operands, const struct ruleset_options *options);

#endif
