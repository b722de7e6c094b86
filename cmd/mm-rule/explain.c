#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "explain.h"
#include "match.h"
#include "outcome.h"
#include "plan.h"
#include "table.h"

static void
add_row(struct table *t, const char *rule, const char *test, const char *found,
	const char *result)
{
	table_cell(t, str_of(rule));
	table_cell(t, str_of(test));
	table_cell(t, str_of(found));
	table_cell(t, str_of(result));
}

/* Every condition, also behind the first that failed. */
static bool
add_tests(struct table *t, const struct rule *rule, struct facts *facts)
{
	struct buf found = {0}, test = {0};
	bool all = true;
	for (size_t i = 0; i < rule->ntests; i++) {
		buf_reset(&found);
		buf_reset(&test);
		bool holds = test_holds(&rule->tests[i], facts, &found);
		all = all && holds;
		buf_addf(&test, "%s%s", rule->tests[i].expected ? "" : "unless ",
			condition_text(rule->tests[i].condition));
		add_row(t, i == 0 ? rule->label : "", buf_cstr(&test), buf_cstr(&found),
			holds ? "yes" : "NO");
	}
	buf_release(&found);
	buf_release(&test);
	return all;
}

static void
explain_tried(struct job *j, size_t matched)
{
	struct table *t = j->ctx;
	const struct rule *rule = job_rule(j);
	(void)matched;
	for (size_t i = 0; i < j->nrecipients; i++) {
		struct recipient *r = &j->recipients[i];
		if (r->gone)
			continue;
		struct facts *facts = variant_facts(j, r->variant);
		facts_set_recipient(facts, r->rcpt_to);
		bool matches = add_tests(t, rule, facts);
		char *who = recipient_replaced(r) ? str_dup(r->path) : NULL;
		add_row(t, rule->ntests ? "" : rule->label,
			matches ? "=> matches" : "=> does not match", who ? who : "", "");
		free(who);
	}
}

static void
explain_settled(struct job *j, const struct action *a)
{
	struct buf text = {0};
	const char *reply;
	buf_addf(&text, "-> %s", action_name(a->kind));
	if (a->kind == ACTION_BOUNCE) {
		(void)outcome_of_bounce(j, a, &reply);
		buf_addf(&text, " %s", reply);
	}
	if (strcmp(a->target, "-") != 0)
		buf_addf(&text, " %s", a->target);
	for (size_t i = 0; i < a->nreplacements; i++)
		buf_addf(&text, " %s", a->replacements[i]);
	add_row(j->ctx, "", buf_cstr(&text),
		a->obeyed ? "may end the rule or the rule set" : "", "");
	buf_release(&text);
}

static void
explain_finished(struct job *j)
{
	struct table *t = j->ctx;
	for (size_t i = 0; i < j->nrecipients; i++) {
		const struct recipient *r = &j->recipients[i];
		const char *reply;
		if (r->gone && r->status == STATUS_NONE)
			continue;
		enum status status = outcome_of(r, &j->origins[0], &reply);
		char *who = str_dup(r->path);
		add_row(t, "end", who, outcome_nothing(j, r) ? "no delivering action" : reply,
			status_word(status));
		free(who);
	}
	job_free(j);
}

static const struct executor explain_executor = {
	.tried = explain_tried,
	.external = plan_external,
	.settled = explain_settled,
	.finished = explain_finished,
};

struct record *
explain_alone(const struct record *r, struct str rcpt_to)
{
	struct record *one = record_clone(r);
	record_remove(one, "result");
	record_remove(one, "done");
	record_set(one, "rcpt-to", rcpt_to);
	return one;
}

/* A recipient at a time: the table of one is not cut up by the others. */
static void
explain_recipient(struct ruleset *set, const struct record *r, struct str rcpt_to)
{
	static const char *const columns[] = {"RULE", "CONDITION", "FOUND", "RESULT"};
	struct table t = {.columns = columns, .ncolumns = 4};
	job_run(job_new(explain_alone(r, rcpt_to), set, &explain_executor, &t));
	printf("\nrecipient %.*s\n", STR_ARG(rcpt_to));
	table_print(&t, stdout);
	table_release(&t);
}

void
explain_record(struct ruleset *set, const struct record *r)
{
	struct str id = record_get(r, "id"), from = record_get(r, "mail-from"), rcpt_to;
	size_t at = 0;
	printf("message %.*s from %.*s, rule set %s\n", STR_ARG(id), STR_ARG(from), set->name);
	while (record_next(r, "rcpt-to", &at, &rcpt_to))
		explain_recipient(set, r, rcpt_to);
	if (at == 0)
		printf("\nno recipients\n");
	putchar('\n');
}
