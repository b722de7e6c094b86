#include <stdlib.h>

#include "mailmanager_forms.h"
#include "mem.h"
#include "ruleset.h"
#include "site.h"

static char *
rule_set_of_ingress(const char *ingress, const char *site, struct problems *ps)
{
	struct json_doc doc;
	if (mailmanager_load(&doc, ingress, &shape_ingress_point, ps) < 0)
		return NULL;
	char *file = site_find(site, SITE_RULE_SET, json_str(doc.root, "RuleSetId"));
	if (!file) {
		struct json_at at = {NULL, "RuleSetId", 0};
		json_problem(ps, &doc, json_object_get(doc.root, "RuleSetId") ? &at : NULL,
			false, PROBLEM_ERROR, "expected a rule set that the site has");
	}
	json_doc_release(&doc);
	return file;
}

int
ruleset_find(
	const char *operand, const char *site, char **file, char **via, struct problems *ps)
{
	struct str name = str_of(operand);
	*file = *via = NULL;
	*file = site_operand_is_path(operand) ? xstrdup(operand)
					      : site_find(site, SITE_RULE_SET, name);
	if (*file)
		return 0;
	*via = site_find(site, SITE_INGRESS_POINT, name);
	if (*via) {
		*file = rule_set_of_ingress(*via, site, ps);
		return *file ? 0 : -1;
	}
	char *text = xasprintf("there is no rule set and no ingress point \"%s\"; expected "
			       "rule-sets/%s.json in the site, or the path of a file",
		operand, operand);
	problem_add(ps, PROBLEM_ERROR, site, 0, 0, "", text);
	free(text);
	return -1;
}

static void
add_tests(struct rule *rule, const struct conditions *compiled, bool expected)
{
	for (size_t i = 0; i < compiled->n; i++) {
		const struct condition *c = conditions_at(compiled, i);
		bool per_recipient = condition_per_recipient(c);
		rule->tests[rule->ntests++] = (struct test){c, expected, per_recipient};
		rule->per_recipient = rule->per_recipient || per_recipient;
	}
}

struct compiling {
	struct ruleset *set;
	const struct ruleset_options *options;
	const struct json_at *at; /* of the rule */
	struct problems *ps;
};

static void
compile_list(struct conditions *out, const struct compiling *c, const json_t *rule,
	const char *member)
{
	struct json_at at = {c->at, member, 0};
	(void)conditions_compile(out, &c->set->doc, json_object_get(rule, member), &at,
		&c->set->references, c->ps);
}

static void
compile_conditions(struct rule *rule, const struct compiling *c, const json_t *json)
{
	compile_list(&rule->conditions, c, json, "Conditions");
	compile_list(&rule->unless, c, json, "Unless");
	rule->tests = xcalloc(rule->conditions.n + rule->unless.n + 1, sizeof(*rule->tests));
	add_tests(rule, &rule->conditions, true);
	add_tests(rule, &rule->unless, false);
}

static void
compile_actions(struct rule *rule, const struct compiling *c, const json_t *json)
{
	const json_t *list = json_object_get(json, "Actions"), *action;
	struct json_at list_at = {c->at, "Actions", 0};
	struct action_context context = {c->options->site, c->set->name, rule->label,
		c->options->lenient, c->options->overrides};
	size_t i;
	rule->actions = xcalloc(json_array_size(list) + 1, sizeof(*rule->actions));
	json_array_foreach (list, i, action) {
		struct json_at at = {&list_at, NULL, i};
		(void)action_compile(&rule->actions[rule->nactions++], &context, &c->set->doc,
			action, &at, c->ps);
	}
}

/* Rules that are well formed, though others may not be: all that is wrong with a
 * document is told at once. `since` is the number of its first problem. */
static void
compile_rules(struct ruleset *set, const struct ruleset_options *options, size_t since,
	struct problems *ps)
{
	const json_t *list = json_object_get(set->doc.root, "Rules"), *json;
	struct json_at list_at = {NULL, "Rules", 0};
	size_t i;
	set->rules = xcalloc(json_array_size(list) + 1, sizeof(*set->rules));
	json_array_foreach (list, i, json) {
		struct json_at at = {&list_at, NULL, i};
		if (problems_below(ps, since, &at))
			continue;
		struct rule *rule = &set->rules[set->nrules++];
		struct compiling c = {set, options, &at, ps};
		struct str name = json_str(json, "Name");
		rule->index = i;
		rule->name = name.p ? str_dup(name) : NULL;
		rule->label = name.p ? str_dup(name) : xasprintf("%zu", i);
		compile_conditions(rule, &c, json);
		compile_actions(rule, &c, json);
	}
}

struct ruleset *
ruleset_load(const char *file, const struct ruleset_options *o, struct problems *ps)
{
	size_t errors = ps->errors, since = ps->n;
	struct ruleset *set = xcalloc(1, sizeof(*set));
	set->refs = 1;
	if (mailmanager_load(&set->doc, file, &shape_rule_set, ps) == 0 &&
		(schema_check(&set->doc, &shape_rule_set, o->lenient, ps) ||
			ps->n - since < SCHEMA_MAX_PROBLEMS) &&
		references_open(&set->references, o->site, o->lenient, ps) == 0) {
		struct str name = json_str(set->doc.root, "RuleSetName");
		set->name = str_dup(name.n ? name : STR("-"));
		compile_rules(set, o, since, ps);
	}
	if (ps->errors == errors)
		return set;
	ruleset_unref(set);
	return NULL;
}

struct ruleset *
ruleset_ref(struct ruleset *set)
{
	set->refs++;
	return set;
}

static void
rule_release(struct rule *rule)
{
	for (size_t i = 0; i < rule->nactions; i++)
		action_release(&rule->actions[i]);
	free(rule->actions);
	free(rule->tests);
	conditions_release(&rule->conditions);
	conditions_release(&rule->unless);
	free(rule->label);
	free(rule->name);
}

void
ruleset_unref(struct ruleset *set)
{
	if (!set || --set->refs > 0)
		return;
	for (size_t i = 0; i < set->nrules; i++)
		rule_release(&set->rules[i]);
	free(set->rules);
	while (set->nspare > 0)
		facts_release(&set->spare[--set->nspare]);
	references_release(&set->references);
	free(set->name);
	json_doc_release(&set->doc);
	free(set);
}

void
ruleset_take_facts(struct ruleset *set, struct facts *facts)
{
	*facts = set->nspare > 0 ? set->spare[--set->nspare] : (struct facts){0};
}

void
ruleset_give_facts(struct ruleset *set, struct facts *facts)
{
	if (set->nspare < RULESET_SPARE_FACTS)
		set->spare[set->nspare++] = *facts;
	else
		facts_release(facts);
}
