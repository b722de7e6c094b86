/* explain.h: mm-policy --explain. */
#ifndef MM_POLICY_EXPLAIN_H
#define MM_POLICY_EXPLAIN_H

#include "policy.h"

/* Prints for each recipient of a record what every condition found and what
 * follows.  Colours when standard output is a terminal. */
void explain_record(const struct policy *p, const struct record *r);

/* Explains message files ("-" is standard input) with the envelope given; without
 * operands that envelope alone, if it says anything, else the stream on
 * standard input.  Returns the exit status. */
int explain_input(const struct policy *p, const struct record *envelope, char **operands);

#endif
