#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "outcome.h"
#include "reserve.h"
#include "runner.h"

#define COMMIT_AGAIN_MS 1000

static struct change *
new_change(struct flight *f, enum change_kind kind)
{
	struct runner *r = f->runner;
	r->changes = xgrow(r->changes, &r->cap, r->nchanges + 1, sizeof(*r->changes));
	struct change *c = &r->changes[r->nchanges++];
	*c = (struct change){.kind = kind, .flight = f, .deaths = f->deaths};
	return c;
}

/* No answer at all: it is still due; maybe by hand, then it is fresh no more. */
static void
came_back_unseen(struct flight *f)
{
	struct runner *r = f->runner;
	if (!f->retried && f->seq <= r->seq) {
		r->seq = f->seq - 1;
		feed_fresh(r);
	}
	feed_due(r);
	flight_landed(r, f);
	feed_pause(r);
}

static struct change *
blame(struct flight *f, const struct record *sent)
{
	struct runner *r = f->runner;
	struct change *c = new_change(f, CHANGE_DEFER);
	c->deaths = f->deaths + 1;
	c->poison = c->deaths >= r->poison && r->answered;
	c->next = clock_now_ms();
	c->reply = str_dup(record_get(sent, "reply"));
	if (c->poison)
		log_error("held %.*s: it was at hand when %u workers died; look at it with "
			  "mm-queue show, then release or remove it",
			STR_ARG(record_get(sent, "id")), c->deaths);
	feed_pause(r);
	return c;
}

/* One end of the worker brings back all that it had; the first of them counts. */
static void
worker_unable(struct flight *f, const struct record *sent)
{
	struct runner *r = f->runner;
	if (!r->paused && doubt_unable(&r->doubt, HASH_COUNT(r->flights), f->seq)) {
		/* Not soon: it would be before all that is fresh. */
		struct change *c = blame(f, sent);
		c->next += r->schedule.retry_min;
		return;
	}
	came_back_unseen(f);
}

void
settle_unreadable(struct flight *f)
{
	struct change *c = new_change(f, CHANGE_DEFER);
	c->next = clock_now_ms() + f->runner->schedule.retry_min;
	c->reply = xstrdup("451 4.3.0 the queue cannot read this message");
}

static void
defer(const struct attempt *a, struct change *c)
{
	struct flight *f = a->flight;
	struct runner *r = f->runner;
	const struct outcome *o = a->outcome;
	struct str reply = o->reply, told = record_get(a->stored, "delay-told");
	int64_t now = clock_now_ms();
	char text[CLOCK_RFC3339_SIZE];
	for (size_t i = 0; i < o->n; i++) {
		if (o->recipients[i].status != STATUS_TEMPFAIL)
			continue;
		reply = o->recipients[i].reply;
		notify_log(LOG_INFO, "deferred", f, a->stored, o->recipients[i].rcpt_to, reply);
	}
	c->kind = CHANGE_DEFER;
	c->deaths = 0; /* the worker lived */
	c->next = schedule_next(&r->schedule, f->attempts, f->queued, now);
	c->reply = reply.p ? str_dup(reply) : NULL;
	c->progress = outcome_progress(a->answer, a->stored, o);
	record_remove(c->progress, "delay-told");
	if (told.p || notify_delay_due(a))
		record_add(c->progress, "delay-told",
			told.p ? told : str_of(clock_rfc3339(now, text)));
}

void
settle_later(struct flight *f, const struct store_row *row, int64_t next)
{
	struct change *c = new_change(f, CHANGE_DEFER);
	int64_t end = f->queued + f->runner->schedule.lifetime;
	f->attempts = row->attempts; /* it is none */
	c->next = next < end ? next : end;
	c->reply = row->reply.p ? str_dup(row->reply) : NULL;
}

struct judging {
	struct flight *flight;
	const struct record *answer;
	bool answered; /* by the worker */
};

static bool
judge_row(void *arg, struct store_row *row)
{
	struct judging *j = arg;
	struct flight *f = j->flight;
	struct outcome o;
	outcome_judge(&o, row->rec, j->answer);
	if (j->answered)
		fair_learn(&f->share, &o, &f->runner->schedule, clock_now_ms());
	struct attempt a = {.flight = f,
		.stored = row->rec,
		.size = row->size,
		.answer = j->answer,
		.outcome = &o,
		.expired = schedule_expired(&f->runner->schedule, f->queued, clock_now_ms())};
	if (o.silent)
		notify_log(LOG_ERROR,
			"the worker's answer has no status: taken as a temporary failure", f,
			row->rec, STR_NONE, STR_NONE);
	bool left = o.tempfail > 0 || (o.n == 0 && o.status == STATUS_TEMPFAIL);
	if (o.n == 0 && (o.status == STATUS_PERMFAIL || (left && a.expired)))
		notify_log(LOG_WARN, "failed; it has no recipients", f, row->rec, STR_NONE,
			o.reply);
	struct record *dsn = notify_sender(&a);
	struct change *c = new_change(f, CHANGE_REMOVE);
	c->dsn = dsn;
	if (left && !a.expired)
		defer(&a, c);
	outcome_release(&o);
	return false;
}

static void
judge(struct flight *f, const struct record *answer, bool answered)
{
	struct judging j = {f, answer, answered};
	int found = store_get(f->runner->store, f->seq, judge_row, &j);
	if (found > 0)
		return;
	if (found < 0) {
		log_error("%s; tried again", store_error(f->runner->store));
		came_back_unseen(f);
	} else {
		flight_landed(f->runner, f); /* removed by hand meanwhile */
	}
}

void
settle_answer(void *arg, struct record *answer)
{
	struct flight *f = arg;
	struct runner *r = f->runner;
	enum coproc_cause cause = coproc_cause(r->worker);
	if (cause == COPROC_ANSWERED) {
		r->answered = true;
		r->pause_ms = 0;
		doubt_answered(&r->doubt, r->window_records);
		fair_learn_pace(&f->share, clock_mono_ms());
	}
	if (cause == COPROC_STOPPED) {
		came_back_unseen(f);
	} else if (cause == COPROC_NO_START) {
		worker_unable(f, answer);
	} else if (cause == COPROC_DIED) {
		blame(f, answer);
	} else if (cause == COPROC_ANSWERED && !f->tells_success && outcome_all_done(answer)) {
		notify_log(LOG_INFO, "done", f, answer, STR_NONE, record_get(answer, "reply"));
		new_change(f, CHANGE_REMOVE);
		fair_learn(&f->share, NULL, &r->schedule, clock_now_ms());
	} else {
		judge(f, answer, cause == COPROC_ANSWERED);
	}
	record_free(answer);
}

static int
apply(struct runner *r, const struct change *c)
{
	bool added;
	if (c->dsn && store_add(r->store, c->dsn, clock_now_ms(), &added) < 0)
		return -1;
	if (c->kind == CHANGE_REMOVE)
		return store_remove(r->store, c->flight->seq);
	struct store_deferral d = {.next = c->next,
		.attempts = c->flight->attempts,
		.deaths = c->deaths,
		.poison = c->poison,
		.progress = c->progress,
		.reply = str_of(c->reply)};
	return store_defer(r->store, c->flight->seq, &d);
}

static int
apply_all(struct runner *r)
{
	if (store_begin(r->store) < 0)
		return -1;
	for (size_t i = 0; i < r->nchanges; i++)
		if (apply(r, &r->changes[i]) < 0) {
			store_rollback(r->store);
			return -1;
		}
	return store_commit(r->store);
}

static void
change_release(struct change *c)
{
	record_free(c->progress);
	record_free(c->dsn);
	free(c->reply);
}

static void
made_durable(struct runner *r, struct change *c)
{
	if (c->dsn)
		r->fresh_left = true;
	if (c->kind == CHANGE_DEFER) {
		r->due_stale = true;
		if (c->next <= r->due_scanned || c->next <= clock_now_ms())
			feed_due(r);
	}
	flight_landed(r, c->flight);
	change_release(c);
}

bool
settle_give_up_reserve(struct runner *r)
{
	if (!reserve_give_up(r->dir))
		return false;
	log_error("%s; giving up %s/reserve", store_error(r->store), r->dir);
	r->reserved = false;
	return true;
}

static int
apply_somehow(struct runner *r)
{
	if (apply_all(r) == 0) {
		if (!r->reserved)
			r->reserved = reserve_make(r->dir);
		return 0;
	}
	if (!store_full(r->store) || !settle_give_up_reserve(r))
		return -1;
	return apply_all(r);
}

void
settle_commit(struct runner *r)
{
	if (r->nchanges == 0 || ev_is_active(&r->again))
		return;
	if (apply_somehow(r) < 0) {
		log_error(
			"%zu outcomes not yet on disk: %s", r->nchanges, store_error(r->store));
		ev_timer_set(&r->again, COMMIT_AGAIN_MS / 1000., 0.);
		ev_timer_start(r->loop, &r->again);
		return;
	}
	for (size_t i = 0; i < r->nchanges; i++)
		made_durable(r, &r->changes[i]);
	r->nchanges = 0;
	r->tidied = false;
}

void
settle_release(struct runner *r)
{
	for (size_t i = 0; i < r->nchanges; i++) {
		flight_landed(r, r->changes[i].flight);
		change_release(&r->changes[i]);
	}
	free(r->changes);
}
