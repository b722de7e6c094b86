#include <stdlib.h>

#include "clock.h"
#include "dsn.h"
#include "log.h"
#include "mem.h"
#include "outcome.h"
#include "runner.h"

#define ABSORB_AT_ONCE 1000
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 10000
#define SUSPECT_DEATHS 2     /* from so many on a record is given alone */
#define DUE_RECHECK_MS 60000 /* the wall clock may be set */

static bool
window_full(const struct runner *r)
{
	return HASH_COUNT(r->flights) >= r->doubt.trust || r->bytes >= r->window_bytes;
}

static bool
may_feed(const struct runner *r)
{
	return !r->stopping && !r->alone && !r->suspect_waits && !r->paused &&
	       !ev_is_active(&r->again) && !window_full(r);
}

/* Those tried before, waiting for slow hosts, leave half of the window to the
 * fresh. */
static bool
retries_have_their_share(const struct runner *r)
{
	return r->retried >= (r->window_records + 1) / 2;
}

static void
dress(struct record *rec, const struct store_row *row)
{
	char queued[CLOCK_RFC3339_SIZE];
	outcome_forget_tempfails(rec);
	record_remove(rec, "held");
	record_remove(rec, "delay-told");
	record_set(rec, "queued", str_of(clock_rfc3339(row->queued, queued)));
	record_setf(rec, "attempt", "%u", row->attempts + 1);
}

static bool
wants_success(const struct record *rec)
{
	struct str rcpt_to;
	for (size_t at = 0; record_next(rec, "rcpt-to", &at, &rcpt_to);)
		if (dsn_wanted(rcpt_to, DSN_DELIVERED))
			return true;
	return false;
}

static struct flight *
new_flight(struct runner *r, const struct store_row *row)
{
	struct flight *f = xcalloc(1, sizeof(*f));
	f->seq = row->seq;
	f->queued = row->queued;
	f->attempts = row->attempts + 1;
	f->deaths = row->deaths;
	f->tells_success = wants_success(row->rec);
	f->retried = row->next != STORE_NEVER_TRIED;
	f->runner = r;
	f->weight = record_weight(row->rec) + row->size;
	HASH_ADD(hh, r->flights, seq, sizeof(f->seq), f);
	r->bytes += f->weight;
	r->retried += f->retried;
	return f;
}

static void
take_off(struct runner *r, struct store_row *row)
{
	struct flight *f = new_flight(r, row);
	if (store_load_body(r->store, row->seq, row->size, row->rec) < 0) {
		log_error(
			"%.*s: %s", STR_ARG(record_get(row->rec, "id")), store_error(r->store));
		settle_unreadable(f);
		record_free(row->rec);
	} else {
		dress(row->rec, row);
		coproc_send(r->worker, row->rec, settle_answer, f);
	}
	row->rec = NULL;
}

/* A record that may kill workers goes alone, so that no other is blamed. */
static bool
consider(struct runner *r, struct store_row *row)
{
	struct flight *f;
	HASH_FIND(hh, r->flights, &row->seq, sizeof(row->seq), f);
	if (f || doubt_waits(&r->doubt, row->seq))
		return true;
	bool suspect = row->deaths >= SUSPECT_DEATHS;
	if (suspect && r->flights) {
		r->suspect_waits = true;
		return false;
	}
	take_off(r, row);
	r->alone = suspect;
	return may_feed(r);
}

static bool
take_fresh(void *arg, struct store_row *row)
{
	struct runner *r = arg;
	bool more = consider(r, row);
	if (more || !row->rec)
		r->seq = row->seq;
	r->fresh_left = !more;
	return more;
}

static bool
take_due(void *arg, struct store_row *row)
{
	struct runner *r = arg;
	bool more = consider(r, row);
	if (more || !row->rec) {
		r->due_next = row->next;
		r->due_seq = row->seq;
	}
	more = more && !retries_have_their_share(r);
	r->due_left = !more;
	return more;
}

void
feed_fresh(struct runner *r)
{
	r->fresh_left = r->intake_left = true;
}

void
feed_due(struct runner *r)
{
	r->due_left = true;
	r->due_next = r->due_seq = 0;
}

void
feed_pause(struct runner *r)
{
	if (r->paused)
		return;
	r->paused = true;
	r->pause_ms = r->pause_ms ? r->pause_ms * 2 : PAUSE_MIN_MS;
	if (r->pause_ms > PAUSE_MAX_MS)
		r->pause_ms = PAUSE_MAX_MS;
	ev_timer_set(&r->pause, (double)r->pause_ms / 1000, 0.);
	ev_timer_start(r->loop, &r->pause);
}

static void
scan_due(struct runner *r)
{
	int64_t now = clock_now_ms();
	r->due_left = false;
	if (store_each_due(r->store, now, r->due_next, r->due_seq, take_due, r) < 0) {
		log_error("%s", store_error(r->store));
		r->due_left = true;
		feed_pause(r);
	}
	r->due_scanned = now;
	r->due_stale = true;
}

/* Only when the rows that are there have gone: most records are rows for no longer
 * than they are in flight. */
static void
absorb(struct runner *r)
{
	if (store_absorb(r->store, ABSORB_AT_ONCE, &r->intake_left) < 0) {
		log_error("%s", store_error(r->store));
		if (store_full(r->store))
			settle_give_up_reserve(r);
		r->intake_left = true;
		feed_pause(r);
	}
	r->fresh_left = true;
	r->tidied = false;
}

static void
scan_fresh(struct runner *r)
{
	r->fresh_left = false;
	if (store_each_new(r->store, r->seq, take_fresh, r) < 0) {
		log_error("%s", store_error(r->store));
		r->fresh_left = true;
		feed_pause(r);
	}
}

/* Sets the timer for the next record that becomes due. */
static void
arm_due_timer(struct runner *r)
{
	int64_t next;
	r->due_stale = false;
	ev_timer_stop(r->loop, &r->due);
	if (store_next_due(r->store, r->due_scanned, &next) < 0 || next < 0)
		return;
	int64_t wait = next - clock_now_ms();
	if (wait > DUE_RECHECK_MS)
		wait = DUE_RECHECK_MS;
	ev_timer_set(&r->due, wait > 0 ? (double)wait / 1000 : 0.001, 0.);
	ev_timer_start(r->loop, &r->due);
}

static void
scan(struct runner *r)
{
	if (r->due_left && may_feed(r) && !retries_have_their_share(r))
		scan_due(r);
	if (r->fresh_left && may_feed(r))
		scan_fresh(r);
	while (r->intake_left && !r->fresh_left && may_feed(r)) {
		absorb(r);
		if (may_feed(r))
			scan_fresh(r);
	}
}

/* Nobody else is there: those who had their turn have the next one. */
static void
next_round(struct runner *r)
{
	int64_t lowest = doubt_next_round(&r->doubt);
	if (lowest <= r->seq)
		r->seq = lowest - 1;
	feed_fresh(r);
	feed_due(r);
}

void
feed(struct runner *r)
{
	if (r->suspect_waits && !r->flights)
		r->suspect_waits = false;
	scan(r);
	if (r->doubt.n > 0 && !r->flights && may_feed(r)) {
		next_round(r);
		scan(r);
	}
	if (r->due_stale && !r->due_left && !r->stopping)
		arm_due_timer(r);
}

void
feed_landed(struct runner *r, struct flight *f)
{
	HASH_DEL(r->flights, f);
	r->bytes -= f->weight;
	r->retried -= f->retried;
	if (!r->flights)
		r->alone = false;
	free(f);
}
