#include "log.h"
#include "match.h"
#include "outcome.h"
#include "rulelog.h"

#define MAX_RECIPIENTS 100 /* on a line */

static void
begin(struct logline *l, enum log_level level, const char *msg, const struct job *j)
{
	log_begin(l, level, msg);
	log_str(l, "id", record_get(j->rec, "id"));
	log_cstr(l, "rule_set_name", j->set->name);
}

static void
log_rule(struct logline *l, const struct rule *rule)
{
	log_cstr(l, "rule_name", rule->name);
	log_num(l, "rule_index", (int64_t)rule->index);
}

struct listing {
	struct buf text;
	size_t n;
};

static void
list_recipient(struct listing *l, const struct recipient *r)
{
	if (l->n++ < MAX_RECIPIENTS)
		buf_addf(&l->text, "%s%.*s", l->text.n ? "," : "", STR_ARG(r->path));
}

static void
log_recipients(struct logline *l, const char *key, struct listing *listing)
{
	if (listing->n > MAX_RECIPIENTS)
		buf_addf(&listing->text, ",+%zu", listing->n - MAX_RECIPIENTS);
	log_str(l, key, buf_str(&listing->text));
	buf_release(&listing->text);
}

/* The recipient at whom the rule failed: the first that is still there. */
static struct recipient *
first_active(struct job *j)
{
	for (size_t i = 0; i < j->nrecipients; i++)
		if (!j->recipients[i].gone)
			return &j->recipients[i];
	return NULL;
}

void
rulelog_tried(struct job *j, size_t matched)
{
	const struct rule *rule = job_rule(j);
	struct recipient *r = first_active(j);
	struct buf found = {0};
	struct logline l;
	if (matched > 0 || !r || !log_wanted(LOG_INFO))
		return;
	struct facts *facts = variant_facts(j, r->variant);
	facts_set_recipient(facts, r->rcpt_to);
	const struct test *failed = rule_first_failure(rule, facts, &found);
	begin(&l, LOG_INFO, "rule not matched", j);
	log_rule(&l, rule);
	log_cstr(&l, "recipients_matched", "");
	if (failed) {
		log_cstr(&l, failed->expected ? "condition" : "unless",
			condition_text(failed->condition));
		log_str(&l, "found", buf_str(&found));
		log_str(&l, "rcpt", failed->per_recipient ? r->path : STR_NONE);
	}
	log_end(&l);
	buf_release(&found);
}

static const char *
status_name(enum status s)
{
	return s == STATUS_OK ? "SUCCESS" : s == STATUS_TEMPFAIL ? "IN_PROGRESS" : "FAILURE";
}

static void
log_outcome(const struct job *j, const struct action *a, enum status status,
	enum disposition disposition)
{
	struct listing listing = {0};
	const char *reply = NULL;
	struct logline l;
	for (size_t i = 0; i < j->nrecipients; i++) {
		const struct recipient *r = &j->recipients[i];
		if (!r->acting || r->step_status != status ||
			r->step_disposition != disposition)
			continue;
		list_recipient(&listing, r);
		reply = reply ? reply : r->step_reply;
	}
	if (listing.n == 0)
		return;
	begin(&l, status == STATUS_OK ? LOG_INFO : LOG_WARN, "action", j);
	log_rule(&l, job_rule(j));
	log_recipients(&l, "recipients_matched", &listing);
	log_cstr(&l, "action_name", action_log_name(a->kind));
	log_num(&l, "action_index", (int64_t)a->index);
	log_cstr(&l, "action_status", status_name(status));
	log_cstr(&l, "action_failure", status == STATUS_OK ? NULL : reply);
	if (disposition != DISPOSITION_CONTINUE)
		log_cstr(&l, "disposition", disposition_word(disposition));
	log_cstr(&l, "target", a->target);
	log_end(&l);
}

void
rulelog_action(const struct job *j, const struct action *a)
{
	for (int s = STATUS_OK; s <= STATUS_PERMFAIL; s++)
		if (log_wanted(s == STATUS_OK ? LOG_INFO : LOG_WARN))
			log_outcome(j, a, (enum status)s, DISPOSITION_CONTINUE);
	for (int d = DISPOSITION_STOP_RULE; a->obeyed && d <= DISPOSITION_STOP_RULE_SET; d++)
		if (log_wanted(LOG_INFO))
			log_outcome(j, a, STATUS_OK, (enum disposition)d);
}

void
rulelog_nothing(const struct job *j)
{
	struct listing listing = {0};
	struct logline l;
	for (size_t i = 0; i < j->nrecipients; i++)
		if (outcome_nothing(j, &j->recipients[i]))
			list_recipient(&listing, &j->recipients[i]);
	if (listing.n == 0)
		return;
	begin(&l, LOG_WARN, "no delivering action", j);
	log_recipients(&l, "recipients", &listing);
	log_end(&l);
}
