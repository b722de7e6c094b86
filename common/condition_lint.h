/* condition_lint.h: what is valid in one condition and yet surely not meant. */
#ifndef MM_CONDITION_LINT_H
#define MM_CONDITION_LINT_H

#include "condition.h"

/* Adds a warning for each value that never matches, matches everything, or is
 * covered by another of the list, and for networks with host bits.  item is the
 * condition's member of "Conditions", at its place. */
void condition_lint_values(const struct condition *c, const json_t *item,
	const struct json_at *at, const struct match_settings *settings,
	const struct json_doc *doc, struct problems *ps);

#endif
