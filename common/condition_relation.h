/* condition_relation.h: what one condition says about another, for checks of
 * policies and rules.  Each answers true only where it is certain. */
#ifndef MM_CONDITION_RELATION_H
#define MM_CONDITION_RELATION_H

#include "condition.h"

/* Whenever a holds, b does. */
bool condition_implies(const struct condition *a, const struct condition *b);

/* a and b never hold for the same recipient of the same message. */
bool condition_excludes(const struct condition *a, const struct condition *b);

/* Whatever the message and the recipient, one of a and b holds. */
bool condition_covers(const struct condition *a, const struct condition *b);

/* The same for lists of which all conditions must hold. */
bool conditions_imply(const struct conditions *a, const struct conditions *b);
bool conditions_exclude(const struct conditions *a, const struct conditions *b);

/* Every value that satisfies value i of c's Values satisfies value j too. */
bool condition_value_covered(const struct condition *c, size_t i, size_t j);

#endif
