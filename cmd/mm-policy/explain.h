/* explain.h: mm-policy --explain. */
#ifndef MM_POLICY_EXPLAIN_H
#define MM_POLICY_EXPLAIN_H

#include "policy.h"

/* Prints for each recipient of a record what every condition found and what
 * follows.  Colours when standard output is a terminal. */
void explain_record(const struct policy *p, const struct record *r);

#endif
