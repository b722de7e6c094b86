/* command.h: the command lines of the coprocesses that carry actions out. */
#ifndef MM_RULE_COMMAND_H
#define MM_RULE_COMMAND_H

#include "action.h"

/* Sets a->argv and a->command (the caller's to free) from the members of the
 * action's JSON, or from the override of -x; leaves them NULL for the actions
 * that mm-rule does itself and that nothing overrides. */
void command_build(
	struct action *a, const struct action_context *context, const json_t *members);

#endif
