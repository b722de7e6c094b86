#include <stdlib.h>

#include "evaluate.h"
#include "match.h"
#include "mem.h"
#include "outcome.h"

static bool
recipient_matches(struct job *j, const struct rule *rule, struct recipient *r)
{
	struct variant *v = r->variant;
	struct facts *facts = variant_facts(j, v);
	if (!v->asked) {
		v->holds = rule_matches_message(rule, facts);
		v->asked = true;
	}
	if (!v->holds || !rule->per_recipient)
		return v->holds;
	facts_set_recipient(facts, r->rcpt_to);
	return rule_matches_recipient(rule, facts);
}

static void
try_rule(struct job *j, const struct rule *rule)
{
	size_t matched = 0;
	for (struct variant *v = &j->first; v; v = v->next)
		v->asked = false;
	for (size_t i = 0; i < j->nrecipients; i++) {
		struct recipient *r = &j->recipients[i];
		r->matched = !r->gone && recipient_matches(j, rule, r);
		matched += r->matched;
	}
	if (j->executor->tried)
		j->executor->tried(j, matched);
}

static bool
any_matched(const struct job *j)
{
	for (size_t i = 0; i < j->nrecipients; i++)
		if (j->recipients[i].matched)
			return true;
	return false;
}

/* True when the outcome is there already. */
static bool
begin_action(struct job *j, const struct action *a)
{
	size_t acting = 0;
	for (size_t i = 0; i < j->nrecipients; i++) {
		struct recipient *r = &j->recipients[i];
		r->step_disposition = DISPOSITION_CONTINUE;
		r->acting = r->matched && !(a->argv && !a->changes && progress_find(j, a, r));
		if (r->acting && !a->argv)
			r->step_status = STATUS_OK;
		acting += r->acting;
	}
	return !a->argv || acting == 0 || j->executor->external(j, a);
}

static void
set_reply(char **to, char *reply)
{
	free(*to);
	*to = reply;
}

static void
settle_failure(struct job *j, const struct action *a, struct recipient *r, char *reply)
{
	bool delivery = action_delivery(a->kind) == DELIVERY_MADE;
	if (a->drop_on_failure) {
		char *text = xasprintf("250 2.0.0 dropped by rule %s: %s failed",
			job_rule(j)->label, action_name(a->kind));
		job_leave(j, r, STATUS_OK, text);
		free(reply);
	} else {
		set_reply(delivery ? &r->got.refused : &r->got.failed, reply);
	}
}

static void
settle_success(const struct action *a, struct recipient *r, char *reply)
{
	if (action_delivery(a->kind) == DELIVERY_MADE)
		set_reply(&r->got.made, reply);
	else if (action_delivery(a->kind) == DELIVERY_STORED)
		set_reply(&r->got.stored, reply);
	else
		free(reply);
}

static void
obey(struct job *j, const struct action *a, struct recipient *r)
{
	if (r->step_disposition == DISPOSITION_STOP_RULE)
		r->matched = false;
	if (r->step_disposition != DISPOSITION_STOP_RULE_SET)
		return;
	r->stopped = true;
	job_leave(j, r, STATUS_OK,
		xasprintf("250 2.0.0 function %s ended the rule set in rule %s", a->target,
			job_rule(j)->label));
}

static void
settle_external(struct job *j, const struct action *a)
{
	for (size_t i = 0; i < j->nrecipients; i++) {
		struct recipient *r = &j->recipients[i];
		char *reply = r->step_reply;
		if (!r->matched)
			continue;
		r->step_reply = NULL;
		if (r->step_status == STATUS_TEMPFAIL || action_ends(a->kind))
			job_leave(j, r, r->step_status, reply);
		else if (r->step_status == STATUS_PERMFAIL)
			settle_failure(j, a, r, reply);
		else
			settle_success(a, r, reply);
		if (r->step_disposition != DISPOSITION_CONTINUE)
			obey(j, a, r);
	}
}

static void
bounce(struct job *j, const struct action *a, struct recipient *r)
{
	const char *reply;
	enum status status = outcome_of_bounce(j, a, &reply);
	job_leave(j, r, status, xstrdup(reply));
}

static void
settle_one(struct job *j, const struct action *a, struct recipient *r)
{
	switch (a->kind) {
	case ACTION_ADD_HEADER:
		r->variant = job_add_header(j, r->variant, a);
		break;
	case ACTION_REMOVE_HEADER:
	case ACTION_REPLACE_HEADER:
	case ACTION_SUBJECT_TAG:
		r->variant = job_edit(j, r->variant, a);
		break;
	case ACTION_BOUNCE:
		bounce(j, a, r);
		break;
	case ACTION_STOP:
		r->stopped = true;
		job_leave(j, r, STATUS_OK,
			xasprintf("250 2.0.0 stopped by rule %s", job_rule(j)->label));
		break;
	default:
		job_leave(j, r, STATUS_OK,
			xasprintf("250 2.0.0 dropped by rule %s", job_rule(j)->label));
	}
}

static void
settle_internal(struct job *j, const struct action *a)
{
	if (a->kind == ACTION_REPLACE_RECIPIENT) {
		job_replace(j, a);
		return;
	}
	for (size_t i = 0; i < j->nrecipients; i++)
		if (j->recipients[i].matched)
			settle_one(j, a, &j->recipients[i]);
	if (a->header || a->edit)
		job_forget_bodies(j);
}

static void
settle(struct job *j, const struct action *a)
{
	if (j->executor->settled)
		j->executor->settled(j, a);
	if (a->argv)
		settle_external(j, a);
	else
		settle_internal(j, a);
	if (a->changes)
		job_forget_bodies(j);
	j->action++;
}

/* True when the rule is done; false while an action is under way. */
static bool
run_actions(struct job *j, const struct rule *rule)
{
	while (j->action < rule->nactions && any_matched(j)) {
		const struct action *a = &rule->actions[j->action];
		if (!begin_action(j, a))
			return false;
		settle(j, a);
	}
	return true;
}

void
job_run(struct job *j)
{
	while (j->active > 0 && j->rule < j->set->nrules) {
		const struct rule *rule = job_rule(j);
		if (!j->in_rule) {
			try_rule(j, rule);
			j->in_rule = true;
			j->action = 0;
		}
		if (!run_actions(j, rule))
			return;
		j->in_rule = false;
		j->rule++;
	}
	j->executor->finished(j);
}

void
job_resume(struct job *j)
{
	settle(j, &job_rule(j)->actions[j->action]);
	job_run(j);
}
