#include <stdlib.h>
#include <sysexits.h>

#include "check.h"

static void
warn_action(const struct ruleset *set, size_t rule, size_t action, const char *text,
	struct problems *ps)
{
	struct json_at rules = {NULL, "Rules", 0}, at = {&rules, NULL, rule},
		       actions = {&at, "Actions", 0}, place = {&actions, NULL, action};
	json_problem(ps, &set->doc, &place, false, PROBLEM_WARNING, "%s", text);
}

static void
lint_actions(const struct ruleset *set, const struct rule *rule, struct problems *ps)
{
	for (size_t i = 0; i < rule->nactions; i++) {
		const struct action *a = &rule->actions[i];
		if (a->kind == ACTION_REPLACE_RECIPIENT && a->nreplacements == 0)
			warn_action(set, rule->index, i,
				"without ReplaceWith this changes nothing", ps);
		if (i > 0 && action_ends(rule->actions[i - 1].kind))
			warn_action(set, rule->index, i,
				"never done: the action before ends the rule set for the "
				"recipients",
				ps);
	}
}

static bool
ends_for_all(const struct rule *rule)
{
	for (size_t i = 0; i < rule->nactions; i++)
		if (rule->ntests == 0 && action_ends(rule->actions[i].kind))
			return true;
	return false;
}

static void
lint_order(const struct ruleset *set, struct problems *ps)
{
	const struct rule *end = NULL;
	struct json_at rules = {NULL, "Rules", 0};
	for (size_t i = 0; i < set->nrules; i++) {
		struct json_at at = {&rules, NULL, i};
		if (end)
			json_problem(ps, &set->doc, &at, false, PROBLEM_WARNING,
				"never tried: rule %s drops or bounces everything before",
				end->label);
		else if (ends_for_all(&set->rules[i]))
			end = &set->rules[i];
	}
}

static bool
delivers(const struct rule *rule)
{
	for (size_t i = 0; i < rule->nactions; i++)
		if (action_delivery(rule->actions[i].kind) != DELIVERY_NONE)
			return true;
	return false;
}

void
check_lint(const struct ruleset *set, struct problems *ps)
{
	struct json_at rules = {NULL, "Rules", 0};
	bool any = false;
	for (size_t i = 0; i < set->nrules; i++) {
		lint_actions(set, &set->rules[i], ps);
		any = any || delivers(&set->rules[i]);
	}
	lint_order(set, ps);
	if (!any)
		json_problem(ps, &set->doc, &rules, false, PROBLEM_WARNING,
			"no action stores or delivers anything: all mail is accepted and lost");
}

int
check(char **operands, const struct ruleset_options *options)
{
	struct problems ps = {0};
	for (; *operands; operands++) {
		char *file, *via;
		if (ruleset_find(*operands, options->site, &file, &via, &ps) == 0) {
			struct ruleset *set = ruleset_load(file, options, &ps);
			if (set)
				check_lint(set, &ps);
			ruleset_unref(set);
		}
		free(file);
		free(via);
	}
	problems_print(&ps, stdout);
	int status = ps.errors ? EX_DATAERR : EX_OK;
	problems_release(&ps);
	return status;
}
