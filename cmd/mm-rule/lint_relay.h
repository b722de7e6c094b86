/* lint_relay.h: relays that lead back to this gateway. */
#ifndef MM_RULE_LINT_RELAY_H
#define MM_RULE_LINT_RELAY_H

#include "ruleset.h"

/* Adds a warning at the action's relay if its server is the gateway itself: the
 * site's host name, or the name of one of its ingress points. */
void lint_relay(const struct ruleset *set, const struct action *a, const struct json_at *at,
	struct problems *ps);

#endif
