#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "explain.h"
#include "outcome.h"
#include "plan.h"
#include "treatment.h"

/* An action by all its members but the role, which changes nothing here. */
static void
add_key(struct buf *key, const struct job *j, const struct action *a)
{
	const json_t *rules = json_object_get(j->set->doc.root, "Rules"),
		     *actions = json_object_get(
			     json_array_get(rules, job_rule(j)->index), "Actions");
	json_t *members = json_copy(
		json_object_get(json_array_get(actions, a->index), action_name(a->kind)));
	(void)json_object_del(members, "RoleArn");
	char *text = json_dumps(members, JSON_COMPACT | JSON_SORT_KEYS);
	buf_addf(key, "%s%s\n", action_name(a->kind), text ? text : "");
	free(text);
	json_decref(members);
}

static void
add_rule(struct treatment *t, const struct rule *rule)
{
	struct str rules = buf_str(&t->rules), label = str_of(rule->label);
	if (str_eq(rules, label) || (str_ends(rules, label) && rules.n > label.n + 1 &&
					    rules.p[rules.n - label.n - 1] == ' '))
		return;
	buf_addf(&t->rules, "%s%s", rules.n ? ", " : "", rule->label);
}

static void
settled(struct job *j, const struct action *a)
{
	struct treatment *t = j->ctx;
	add_rule(t, job_rule(j));
	add_key(&t->key, j, a);
	buf_addf(&t->text, "%s%s", t->text.n ? ", " : "", action_name(a->kind));
	if (a->reply)
		buf_addf(&t->text, " %s", a->reply);
	else if (strcmp(a->target, "-") != 0)
		buf_addf(&t->text, " %s", a->target);
	for (size_t i = 0; i < a->nreplacements; i++)
		buf_addf(&t->text, " %s", a->replacements[i]);
	if (a->drop_on_failure)
		buf_addstr(&t->text, " else Drop");
}

static void
finished(struct job *j)
{
	struct treatment *t = j->ctx;
	bool nothing = t->text.n == 0;
	for (size_t i = 0; i < j->nrecipients; i++)
		nothing = nothing || outcome_nothing(j, &j->recipients[i]);
	if (nothing)
		buf_addf(&t->text, "%sno delivery", t->text.n ? ", " : "");
	job_free(j);
}

static const struct executor executor = {
	.external = plan_external, .settled = settled, .finished = finished};

void
treatment_find(
	struct treatment *t, struct ruleset *set, const struct record *r, struct str rcpt_to)
{
	buf_reset(&t->key);
	buf_reset(&t->text);
	buf_reset(&t->rules);
	job_run(job_new(explain_alone(r, rcpt_to), set, &executor, t));
}

void
treatment_release(struct treatment *t)
{
	buf_release(&t->key);
	buf_release(&t->text);
	buf_release(&t->rules);
}
