/* mailmanager_conditions.h: the conditions of a rule set. */
#ifndef MM_MAILMANAGER_CONDITIONS_H
#define MM_MAILMANAGER_CONDITIONS_H

#include "schema.h"

extern const struct shape mm_rule_conditions; /* "Conditions" and "Unless" */

#endif
