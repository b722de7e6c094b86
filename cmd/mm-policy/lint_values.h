/* lint_values.h: the Values of one condition. */
#ifndef MM_POLICY_LINT_VALUES_H
#define MM_POLICY_LINT_VALUES_H

#include "condition.h"

/* Adds a warning for each value that never matches, matches everything, or is
 * covered by another of the list, and for networks with host bits.  item is the
 * condition's member of "Conditions", at its place. */
void lint_values(const struct condition *c, const json_t *item, const struct json_at *at,
	const struct match_settings *settings, const struct json_doc *doc, struct problems *ps);

#endif
