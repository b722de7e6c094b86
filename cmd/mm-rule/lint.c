#include <stdlib.h>

#include "lint.h"
#include "lint_relay.h"
#include "lint_signing.h"
#include "lint_test.h"
#include "mem.h"

struct lint {
	const struct ruleset *set;
	struct problems *ps;
	bool *dead; /* rules that nobody gets to */
};

static const struct json_at rules_at = {NULL, "Rules", 0};

#define WARN(l, at, ...) \
	json_problem((l)->ps, &(l)->set->doc, at, false, PROBLEM_WARNING, __VA_ARGS__)

static const json_t *
json_of(const struct lint *l, size_t rule)
{
	return json_array_get(json_object_get(l->set->doc.root, "Rules"), rule);
}

/* Is it the end for everybody that the rule takes?  A function may stop the rule
 * before. */
static const struct action *
certain_end(const struct rule *rule)
{
	for (size_t i = 0; i < rule->nactions && !rule->actions[i].obeyed; i++)
		if (action_ends(rule->actions[i].kind))
			return &rule->actions[i];
	return NULL;
}

static const char *
end_word(const struct rule *rule)
{
	enum action_kind kind = certain_end(rule)->kind;
	return kind == ACTION_STOP   ? "stops"
	       : kind == ACTION_HOLD ? "holds"
				     : "drops or bounces";
}

static bool
delivers(const struct rule *rule)
{
	for (size_t i = 0; i < rule->nactions; i++) {
		if (action_delivery(rule->actions[i].kind) != DELIVERY_NONE)
			return true;
		if (action_ends(rule->actions[i].kind))
			return false;
	}
	return false;
}

/* Does it say what becomes of the mail that it takes?  Stop does not. */
static bool
settles(const struct rule *rule)
{
	const struct action *end = certain_end(rule);
	return delivers(rule) || (end && end->kind != ACTION_STOP);
}

static bool
changes(const struct action *a)
{
	return a->header || a->edit || a->changes || a->kind == ACTION_REPLACE_RECIPIENT;
}

/* Does a rule from first to before end change what conditions see? */
static bool
changes_between(const struct ruleset *set, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		for (size_t k = 0; k < set->rules[i].nactions; k++)
			if (changes(&set->rules[i].actions[k]))
				return true;
	return false;
}

static void
lint_name(const struct lint *l, const struct rule *rule)
{
	struct json_at here = {&rules_at, NULL, rule->index}, at = {&here, "Name", 0};
	for (size_t i = 0; rule->name && i < rule->index; i++) {
		const char *other = l->set->rules[i].name;
		if (!other || !str_eq(str_of(other), str_of(rule->name)))
			continue;
		WARN(l, &at, "the name of Rules[%zu] too: logs and plans look alike", i);
		return;
	}
}

/* Is nobody left for the rule? */
static bool
lint_left(const struct lint *l, const struct rule *rule)
{
	struct json_at at = {&rules_at, NULL, rule->index};
	for (size_t i = 0; i < rule->index; i++) {
		const struct rule *other = &l->set->rules[i];
		if (l->dead[i] || !certain_end(other))
			continue;
		if (other->ntests == 0) {
			WARN(l, &at, "never tried: rule %s %s everything before", other->label,
				end_word(other));
			return true;
		}
		if (rule_within(rule, other) && !changes_between(l->set, i + 1, rule->index)) {
			WARN(l, &at, "never matches: rule %s %s all that it takes",
				other->label, end_word(other));
			return true;
		}
	}
	return false;
}

static bool
same_list(const json_t *a, const json_t *b, const char *member)
{
	const json_t *x = json_object_get(a, member), *y = json_object_get(b, member);
	if (json_array_size(x) == 0 || json_array_size(y) == 0)
		return json_array_size(x) == json_array_size(y);
	return json_equal((json_t *)x, (json_t *)y);
}

static void
lint_repeated(const struct lint *l, const struct rule *rule)
{
	struct json_at at = {&rules_at, NULL, rule->index};
	const json_t *json = json_of(l, rule->index);
	for (size_t i = 0; i < rule->index; i++) {
		const json_t *other = json_of(l, i);
		if (l->dead[i] || !same_list(json, other, "Conditions") ||
			!same_list(json, other, "Unless") ||
			!same_list(json, other, "Actions") ||
			changes_between(l->set, i, rule->index))
			continue;
		WARN(l, &at, "does again what rule %s has done", l->set->rules[i].label);
		return;
	}
}

/* A CONTINUE that is written down where nothing is left to go on with. */
static void
lint_policy(const struct lint *l, const struct rule *rule, const struct json_at *at)
{
	const json_t *item =
		json_array_get(json_object_get(json_of(l, rule->index), "Actions"), at->index);
	const char *name = action_name(rule->actions[at->index].kind);
	struct json_at action = {at, name, 0}, policy = {&action, "ActionFailurePolicy", 0};
	if (action_delivery(rule->actions[at->index].kind) != DELIVERY_MADE ||
		at->index + 1 < rule->nactions ||
		!str_eq(json_str(json_object_get(item, name), policy.key), STR("CONTINUE")))
		return;
	WARN(l, &policy,
		"nothing follows in this rule: who is refused here has failed, unless "
		"a later rule delivers the message");
}

static void
lint_actions(const struct lint *l, const struct rule *rule)
{
	struct json_at here = {&rules_at, NULL, rule->index}, list = {&here, "Actions", 0};
	const json_t *rules = json_object_get(l->set->doc.root, "Rules"),
		     *actions = json_object_get(json_array_get(rules, rule->index), "Actions");
	for (size_t i = 0; i < rule->nactions; i++) {
		const struct action *a = &rule->actions[i];
		struct json_at at = {&list, NULL, i};
		if (a->kind == ACTION_REPLACE_RECIPIENT && a->nreplacements == 0)
			WARN(l, &at, "without ReplaceWith this changes nothing");
		if (i > 0 && action_ends(rule->actions[i - 1].kind))
			WARN(l, &at,
				"never done: the action before ends the rule set for the "
				"recipients");
		lint_policy(l, rule, &at);
		lint_relay(l->set, a, &at, l->ps);
		lint_signing(l->set, a, json_array_get(actions, a->index), &at, l->ps);
	}
}

static void
lint_rule(const struct lint *l, const struct rule *rule)
{
	bool *dead = &l->dead[rule->index];
	lint_name(l, rule);
	lint_tests(l->set, rule, l->ps);
	*dead = rule_contradicts_itself(rule) || lint_left(l, rule);
	if (!*dead)
		lint_repeated(l, rule);
	lint_actions(l, rule);
}

/* Is somebody for whom the rules a and b do not hold nobody at all? */
static bool
cover(const struct rule *a, const struct rule *b)
{
	if (a->ntests == 0)
		return true;
	return a->ntests == 1 && b->ntests == 1 && test_covers(&a->tests[0], &b->tests[0]);
}

/* Is everybody taken by a rule that delivers, drops or bounces? */
static bool
all_taken(const struct lint *l)
{
	const struct ruleset *set = l->set;
	for (size_t i = 0; i < set->nrules; i++) {
		const struct rule *a = &set->rules[i];
		if (l->dead[i] || !settles(a))
			continue;
		for (size_t k = 0; k <= i; k++) {
			const struct rule *b = &set->rules[k];
			if (!l->dead[k] && settles(b) && cover(a, b))
				return true;
		}
	}
	return false;
}

static void
lint_delivery(const struct lint *l)
{
	bool any = false;
	for (size_t i = 0; i < l->set->nrules; i++)
		any = any || (!l->dead[i] && delivers(&l->set->rules[i]));
	if (!any)
		WARN(l, &rules_at,
			"no action stores or delivers anything: all mail is accepted and lost");
	else if (!all_taken(l))
		WARN(l, &rules_at,
			"mail that none of the delivering rules takes is accepted and lost; "
			"expected a rule without Conditions and Unless that stores, delivers, "
			"drops or bounces");
}

void
ruleset_lint(const struct ruleset *set, struct problems *ps)
{
	struct lint l = {set, ps, xcalloc(set->nrules + 1, sizeof(*l.dead))};
	for (size_t i = 0; i < set->nrules; i++)
		lint_rule(&l, &set->rules[i]);
	lint_delivery(&l);
	free(l.dead);
}
