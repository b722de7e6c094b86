#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "explain.h"
#include "match.h"
#include "mem.h"
#include "outcome.h"
#include "plan.h"
#include "utf8_put.h"

struct telling {
	json_t **lines; /* of the rule at hand, printed when its actions are known */
	size_t n, cap;
};

static json_t *
text(struct str s)
{
	struct buf clean = {0};
	utf8_repair(&clean, s);
	json_t *j = json_stringn(clean.n ? clean.p : "", clean.n);
	buf_release(&clean);
	return j;
}

static json_t *
text_or_null(const char *s)
{
	return s ? text(str_of(s)) : json_null();
}

/* "x@y" of "<x@y>" */
static json_t *
address(struct str path)
{
	bool bracketed = str_starts(path, STR("<")) && path.n > 1;
	return text(bracketed ? str_n(path.p + 1, path.n - 2) : path);
}

/* The job has one origin, or none. */
static json_t *
new_line(const struct job *j, const struct recipient *r)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "id", text(record_get(j->rec, "id")),
		"rule_set", text_or_null(j->set->name), "recipient",
		j->norigins ? address(j->origins[0].path) : json_null(), "as",
		r && recipient_replaced(r) ? address(r->path) : json_null());
}

static void
print_line(json_t *line)
{
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

static void
print_rule(struct telling *t)
{
	for (size_t i = 0; i < t->n; i++)
		print_line(t->lines[i]);
	t->n = 0;
}

/* Every condition, also behind the first that failed. */
static json_t *
tests_of(const struct rule *rule, struct facts *facts, bool *matches)
{
	json_t *list = json_array();
	struct buf found = {0};
	*matches = true;
	for (size_t i = 0; i < rule->ntests; i++) {
		const struct test *t = &rule->tests[i];
		buf_reset(&found);
		bool holds = test_holds(t, facts, &found);
		*matches = *matches && holds;
		json_array_append_new(
			list, json_pack("{s:b, s:o, s:o, s:b}", "unless", !t->expected,
				      "condition", text(str_of(condition_text(t->condition))),
				      "found", text(buf_str(&found)), "result", holds));
	}
	buf_release(&found);
	return list;
}

static void
tell_tried(struct job *j, size_t matched)
{
	struct telling *t = j->ctx;
	const struct rule *rule = job_rule(j);
	(void)matched;
	print_rule(t);
	for (size_t i = 0; i < j->nrecipients; i++) {
		const struct recipient *r = &j->recipients[i];
		bool matches;
		if (r->gone)
			continue;
		struct facts *facts = variant_facts(j, r->variant);
		facts_set_recipient(facts, r->rcpt_to);
		json_t *line = new_line(j, r), *tests = tests_of(rule, facts, &matches);
		json_t *rest = json_pack("{s:I, s:o, s:o, s:b, s:[]}", "rule_index",
			(json_int_t)rule->index, "rule_name", text_or_null(rule->name),
			"conditions", tests, "matches", matches, "actions");
		json_object_update(line, rest);
		json_decref(rest);
		t->lines = xgrow(t->lines, &t->cap, t->n + 1, sizeof(*t->lines));
		t->lines[t->n++] = line;
	}
}

static json_t *
action_json(const struct job *j, const struct action *a)
{
	json_t *o = json_pack("{s:I, s:s, s:o}", "action_index", (json_int_t)a->index,
		"action_name", action_name(a->kind), "target",
		strcmp(a->target, "-") == 0 ? json_null() : text(str_of(a->target)));
	json_t *list = a->nreplacements ? json_array() : NULL;
	const char *reply;
	for (size_t i = 0; i < a->nreplacements; i++)
		json_array_append_new(list, address(str_of(a->replacements[i])));
	if (list)
		json_object_set_new(o, "recipients", list);
	if (a->obeyed)
		json_object_set_new(o, "may_end", json_true());
	if (a->kind == ACTION_BOUNCE) {
		(void)outcome_of_bounce(j, a, &reply);
		json_object_set_new(o, "reply", text(str_of(reply)));
	}
	return o;
}

/* Nothing fails here, so that all that matched have the same actions. */
static void
tell_settled(struct job *j, const struct action *a)
{
	struct telling *t = j->ctx;
	for (size_t i = 0; i < t->n; i++)
		if (json_is_true(json_object_get(t->lines[i], "matches")))
			json_array_append_new(
				json_object_get(t->lines[i], "actions"), action_json(j, a));
}

static void
print_end(const struct job *j, const struct recipient *r, enum status status, const char *reply)
{
	json_t *line = new_line(j, r);
	json_object_set_new(line, "status", json_string(status_word(status)));
	json_object_set_new(line, "reply", text(str_of(reply)));
	json_object_set_new(
		line, "no_delivering_action", json_boolean(r && outcome_nothing(j, r)));
	print_line(line);
}

static void
tell_finished(struct job *j)
{
	print_rule(j->ctx);
	for (size_t i = 0; i < j->nrecipients; i++) {
		const struct recipient *r = &j->recipients[i];
		const char *reply;
		if (r->gone && r->status == STATUS_NONE)
			continue;
		enum status status = outcome_of(r, &j->origins[0], &reply);
		print_end(j, r, status, reply);
	}
	if (j->norigins == 0)
		print_end(j, NULL, STATUS_PERMFAIL, OUTCOME_NO_RECIPIENTS);
	else if (j->nrecipients == 0)
		print_end(j, NULL, j->origins[0].status, j->origins[0].reply);
	job_free(j);
}

static const struct executor executor = {
	.tried = tell_tried,
	.external = plan_external,
	.settled = tell_settled,
	.finished = tell_finished,
};

void
explain_record_json(struct ruleset *set, const struct record *r)
{
	struct telling t = {0};
	struct str rcpt_to;
	size_t at = 0;
	while (record_next(r, "rcpt-to", &at, &rcpt_to))
		job_run(job_new(explain_alone(r, rcpt_to), set, &executor, &t));
	if (at == 0)
		job_run(job_new(record_clone(r), set, &executor, &t));
	free(t.lines);
}
