/* lint.h: what is valid in a traffic policy and yet surely not meant. */
#ifndef MM_POLICY_LINT_H
#define MM_POLICY_LINT_H

#include "policy.h"

/* Adds a warning for each statement that can never matter, each condition that
 * contradicts another of its statement or says no more than one, and each value
 * that never matches, or that another of its list makes needless.  doc is what p
 * was compiled from. */
void policy_lint(const struct policy *p, const struct json_doc *doc, struct problems *ps);

#endif
