#include <stdlib.h>
#include <uthash.h>

#include "answer.h"
#include "clock.h"
#include "dispatch.h"
#include "mem.h"
#include "outcome.h"
#include "rulelog.h"
#include "step.h"
#include "textmap.h"

/* Recipients that went out on one record. */
struct group {
	struct job *job;
	const struct action *action;
	struct variant *variant;
	size_t *recipients; /* indexes */
	size_t n;
};

static struct group *
group_new(struct job *j, const struct action *a, struct variant *v)
{
	struct group *g = xcalloc(1, sizeof(*g));
	g->job = j;
	g->action = a;
	g->variant = v;
	g->recipients = xcalloc(j->nrecipients, sizeof(*g->recipients));
	for (size_t i = 0; i < j->nrecipients; i++)
		if (j->recipients[i].acting && j->recipients[i].variant == v)
			g->recipients[g->n++] = i;
	return g;
}

static void
group_free(struct group *g)
{
	free(g->recipients);
	free(g);
}

/* No copy bounces to a sender who does not know of it, RFC 3461 section 4.1. */
static void
add_copies(struct record *to, const struct action *a)
{
	for (size_t i = 0; i < a->nreplacements; i++)
		record_addf(to, "rcpt-to", "%s NOTIFY=NEVER", a->replacements[i]);
}

static void
add_recipients(struct record *to, const struct group *g)
{
	struct textmap seen = {0};
	if (g->action->kind == ACTION_COPY) {
		add_copies(to, g->action);
		return;
	}
	for (size_t i = 0; i < g->n; i++) {
		const struct recipient *r = &g->job->recipients[g->recipients[i]];
		if (g->n == 1 || textmap_add(&seen, r->path, i))
			record_add(to, "rcpt-to", r->rcpt_to);
	}
	textmap_release(&seen);
}

/* What is about the message as a whole goes along; what is about its way through
 * this rule set does not. */
static bool
is_ours(struct str name)
{
	static const char *const ours[] = {
		"status", "reply", "result", "done", "plan", "rule", "action", "disposition"};
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (str_eq(name, str_of(ours[i])))
			return true;
	return false;
}

/* A queue takes an id once.  Part of the recipients have one of their own in it, the
 * same whenever they come again. */
static void
set_hold_id(struct record *r, const struct group *g)
{
	const struct job *j = g->job;
	struct str id = record_get(r, "id");
	unsigned hash = 0;
	if (g->n == j->norigins)
		return;
	for (size_t i = 0; i < g->n; i++) {
		unsigned one;
		struct str path = j->recipients[g->recipients[i]].path;
		HASH_JEN(path.p, path.n, one);
		hash = hash * 31 + one;
	}
	char *own = xasprintf("%.*s.%zu-%zu-%08x", (int)(id.n > 100 ? 100 : id.n), id.p,
		job_rule(j)->index, g->action->index, hash);
	record_set(r, "id", str_of(own));
	free(own);
}

static struct record *
group_record(struct group *g, struct variant *v)
{
	const struct record *from = g->job->rec;
	const struct rule *rule = job_rule(g->job);
	struct record *r = record_new();
	bool recipients_in = false;
	for (size_t i = 0; i < from->nfields; i++) {
		struct str name = record_name_at(from, i);
		if (str_eq(name, STR("rcpt-to"))) {
			if (!recipients_in)
				add_recipients(r, g);
			recipients_in = true;
		} else if (!is_ours(name)) {
			record_copy_field(r, from, i);
		}
	}
	record_addf(r, "rule", "%s %zu %s", g->job->set->name, rule->index,
		rule->name ? rule->name : "-");
	record_addf(r, "action", "%zu %s %s", g->action->index, action_name(g->action->kind),
		g->action->target);
	if (g->action->kind == ACTION_HOLD)
		set_hold_id(r, g);
	record_set_body(r, blob_ref(variant_body(g->job, v)));
	return r;
}

/* RetryTimeMinutes: what fails for the time being for longer has failed. */
static bool
retried_enough(const struct group *g)
{
	int64_t received;
	return g->action->retry_ms >= 0 &&
	       clock_parse_rfc3339(record_get(g->job->rec, "received"), &received) == 0 &&
	       clock_now_ms() - received >= g->action->retry_ms;
}

/* The worst of the copies'. */
static enum status
copies_outcome(const struct answer *a, const struct action *action, char **reply)
{
	enum status worst = STATUS_NONE;
	*reply = NULL;
	for (size_t i = 0; i < action->nreplacements; i++) {
		char *text;
		enum status status = answer_for(a, str_of(action->replacements[i]), &text);
		bool worse = !*reply || status == STATUS_TEMPFAIL ||
			     (status == STATUS_PERMFAIL && worst == STATUS_OK);
		if (worse && worst != STATUS_TEMPFAIL) {
			free(*reply);
			*reply = text;
			worst = status;
		} else {
			free(text);
		}
	}
	return worst;
}

static void
take_outcome(struct recipient *r, const struct answer *a, const struct group *g, bool last_try)
{
	free(r->step_reply);
	if (g->action->kind == ACTION_COPY)
		r->step_status = copies_outcome(a, g->action, &r->step_reply);
	else
		r->step_status = answer_for(a, r->path, &r->step_reply);
	if (r->step_status == STATUS_OK && g->action->obeyed)
		r->step_disposition = answer_disposition(a);
	if (r->step_status != STATUS_TEMPFAIL || !last_try)
		return;
	char *reply = xasprintf("554 5.4.7 tried for long enough: %s", r->step_reply);
	free(r->step_reply);
	r->step_reply = reply;
	r->step_status = STATUS_PERMFAIL;
}

/* The message as it came back, for those for whom the action succeeded. */
static void
take_message(struct group *g, const struct record *answer)
{
	struct job *j = g->job;
	bool lost = answer->body->n == 0 && variant_body(j, g->variant)->n > 0;
	struct variant *v = NULL;
	for (size_t i = 0; i < g->n; i++) {
		struct recipient *r = &j->recipients[g->recipients[i]];
		if (r->step_status != STATUS_OK)
			continue;
		if (lost) {
			free(r->step_reply);
			r->step_reply = xasprintf("451 4.3.0 %s gave no message back",
				action_name(g->action->kind));
			r->step_status = STATUS_TEMPFAIL;
			continue;
		}
		if (!v)
			v = job_rewrite(j, g->variant, blob_ref(answer->body));
		r->variant = v;
	}
}

/* All that finishes in one turn of the loop is made durable together. */
static void
wait_for_journal(struct job *j)
{
	struct dispatch *d = j->ctx;
	d->finished = xgrow(d->finished, &d->cap, d->nfinished + 1, sizeof(struct job *));
	d->finished[d->nfinished++] = j;
	if (d->nfinished > 1)
		return;
	ev_timer_set(&d->turn, 0, 0);
	ev_timer_start(d->filter->loop, &d->turn);
}

static void
note_finished(struct journal *journal, const struct job *j)
{
	struct record *fields = record_new();
	struct str done;
	step_fields(fields, "done", j, &job_rule(j)->actions[j->action], true);
	for (size_t at = 0; record_next(fields, "done", &at, &done);)
		journal_note(journal, record_get(j->rec, "id"), done);
	record_free(fields);
}

static void
on_turn(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct dispatch *d = w->data;
	struct job **jobs = d->finished;
	size_t n = d->nfinished;
	(void)loop, (void)events;
	d->finished = NULL;
	d->nfinished = d->cap = 0;
	for (size_t i = 0; i < n; i++)
		note_finished(d->journal, jobs[i]);
	journal_sync(d->journal);
	for (size_t i = 0; i < n; i++)
		job_resume(jobs[i]);
	free(jobs);
}

void
dispatch_init(struct dispatch *d)
{
	ev_timer_init(&d->turn, on_turn, 0, 0);
	d->turn.data = d;
}

void
dispatch_release(struct dispatch *d)
{
	journal_close(d->journal);
	free(d->finished);
}

static void
on_answer(void *arg, struct record *answer)
{
	struct group *g = arg;
	struct job *j = g->job;
	struct answer a;
	answer_read(&a, answer, action_name(g->action->kind));
	bool last_try = retried_enough(g);
	for (size_t i = 0; i < g->n; i++)
		take_outcome(&j->recipients[g->recipients[i]], &a, g, last_try);
	if (g->action->changes)
		take_message(g, answer);
	answer_learn(&a, j->rec, j->learned);
	answer_release(&a);
	record_free(answer);
	bool noted = !g->action->changes;
	group_free(g);
	if (--j->waiting > 0)
		return;
	if (((struct dispatch *)j->ctx)->journal && noted)
		wait_for_journal(j);
	else
		job_resume(j);
}

static bool
dispatch_external(struct job *j, const struct action *a)
{
	struct coproc *coproc = pool_get(((struct dispatch *)j->ctx)->pool, a);
	for (struct variant *v = &j->first; v; v = v->next) {
		struct group *g = group_new(j, a, v);
		if (g->n == 0) {
			group_free(g);
			continue;
		}
		j->waiting++;
		coproc_send(coproc, group_record(g, v), on_answer, g);
	}
	return false;
}

static void
dispatch_settled(struct job *j, const struct action *a)
{
	rulelog_action(j, a);
	if (a->argv && !a->changes)
		progress_note(j, a);
}

static void
dispatch_finished(struct job *j)
{
	struct dispatch *d = j->ctx;
	rulelog_nothing(j);
	struct record *r = outcome_record(j);
	job_free(j);
	if (d->journal)
		journal_answered(d->journal, record_get(r, "id"));
	filter_emit(d->filter, r);
}

const struct executor dispatch_executor = {
	.tried = rulelog_tried,
	.external = dispatch_external,
	.settled = dispatch_settled,
	.finished = dispatch_finished,
};
