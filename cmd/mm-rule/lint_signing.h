/* lint_signing.h: is there a key for what SignDkim and SealArc are to do? */
#ifndef MM_RULE_LINT_SIGNING_H
#define MM_RULE_LINT_SIGNING_H

#include "ruleset.h"

/* Adds an error, a warning if the set is taken leniently, to an action that signs when
 * the site has no key for its domain or a parent of that.  `at` is the action's place;
 * json the member of Actions. */
void lint_signing(const struct ruleset *set, const struct action *a, const json_t *json,
	const struct json_at *at, struct problems *ps);

#endif
