/* action_members.h: the members of an action's JSON that say what it does to the
 * message or the envelope, for action.c. */
#ifndef MM_RULE_ACTION_MEMBERS_H
#define MM_RULE_ACTION_MEMBERS_H

#include "action.h"

struct action_place {
	const struct action_context *context;
	const struct json_doc *doc;
	const struct json_at *at; /* of the members */
	struct problems *ps;
};

/* A problem with a member. */
void action_problem(const struct action_place *p, const char *member, enum severity severity,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Sets what they give; problems are added. */
void action_members(struct action *a, const struct action_place *p, const json_t *members);

/* The directory of Hold's "Queue"; the caller frees. */
char *action_queue(struct str queue);

#endif
