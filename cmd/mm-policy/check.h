/* check.h: mm-policy --check. */
#ifndef MM_POLICY_CHECK_H
#define MM_POLICY_CHECK_H

#include <stdbool.h>

/* Checks every operand (see policy_load()) and prints all problems on standard
 * output.  EX_OK, or EX_DATAERR when there are errors. */
int check_policies(const char *dir, bool lenient, char **operands);

#endif
