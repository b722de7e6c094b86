/* ruleset.h: a rule set, compiled once: conditions, actions, command lines. */
#ifndef MM_RULE_RULESET_H
#define MM_RULE_RULESET_H

#include "action.h"
#include "condition.h"

/* A condition and what it must give: true for Conditions, false for Unless. */
struct test {
	const struct condition *condition;
	bool expected;
	bool per_recipient; /* asks something that differs between recipients */
};

struct rule {
	size_t index;
	char *name;  /* NULL: it has none */
	char *label; /* the name, else the index */
	struct conditions conditions, unless;
	struct test *tests; /* all of them, in the order of the document */
	size_t ntests;
	bool per_recipient; /* any of them is */
	struct action *actions;
	size_t nactions;
};

#define RULESET_SPARE_FACTS 64

struct ruleset {
	unsigned refs;
	char *name;
	struct json_doc doc;
	struct rule *rules;
	size_t nrules;
	struct references references;
	struct facts spare[RULESET_SPARE_FACTS]; /* their memory is used again */
	size_t nspare;
};

struct ruleset_options {
	const char *site; /* the directory */
	bool lenient;     /* departures from limits and unknown targets are warnings */
	char *overrides[ACTION_KINDS]; /* -x */
};

/* The files that an operand means: a path of a rule set's JSON; the name, id or
 * ARN of one in the site; or those of an ingress point, whose RuleSetId is then
 * followed.  file is the rule set's, via the ingress point's or NULL; the caller
 * frees both.  0, or -1 with a problem added. */
int ruleset_find(
	const char *operand, const char *site, char **file, char **via, struct problems *ps);

/* Reads, checks and compiles.  One reference for the caller; NULL with problems
 * added.  There may be warnings in either case. */
struct ruleset *ruleset_load(
	const char *file, const struct ruleset_options *o, struct problems *ps);
struct ruleset *ruleset_ref(struct ruleset *set);
void ruleset_unref(struct ruleset *set); /* NULL is allowed */

/* Facts that only this rule set's conditions are asked with: {0}, or used before. */
void ruleset_take_facts(struct ruleset *set, struct facts *facts);
void ruleset_give_facts(struct ruleset *set, struct facts *facts);

#endif
