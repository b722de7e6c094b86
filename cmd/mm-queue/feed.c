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
new_flight(struct runner *r, const struct store_row *row, const struct fair_share *share)
{
	struct flight *f = xcalloc(1, sizeof(*f));
	f->seq = row->seq;
	f->queued = row->queued;
	f->attempts = row->attempts + 1;
	f->deaths = row->deaths;
	f->tells_success = wants_success(row->rec);
	f->retried = row->next != STORE_NEVER_TRIED;
	f->runner = r;
	f->share = *share;
	HASH_ADD(hh, r->flights, seq, sizeof(f->seq), f);
	r->bytes += f->share.weight;
	r->retried += f->retried;
	return f;
}

static void
take_off(struct runner *r, struct store_row *row, const struct fair_share *share)
{
	struct flight *f = new_flight(r, row, share);
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

static struct fair_room
room_for(const struct runner *r, const struct store_row *row, int64_t now)
{
	size_t half = (r->window_records + 1) / 2, flights = HASH_COUNT(r->flights);
	return (struct fair_room){
		.records = r->doubt.trust > flights ? r->doubt.trust - flights : 0,
		.bytes = r->window_bytes > r->bytes ? r->window_bytes - r->bytes : 0,
		.retried = half > r->retried ? half - r->retried : 0,
		.last_attempt = row && schedule_expired(&r->schedule, row->queued, now)};
}

static bool
in_hand(const struct runner *r, int64_t seq)
{
	struct flight *f;
	HASH_FIND(hh, r->flights, &seq, sizeof(seq), f);
	return f || doubt_waits(&r->doubt, seq) || fair_is_parked(&r->fair, seq);
}

enum progress {
	GO_ON,
	ENOUGH, /* it was seen to; no more now */
	NOT_NOW /* it was not; no more now */
};

static enum progress
give_or_park(struct runner *r, struct store_row *row, bool suspect)
{
	struct fair_share share;
	int64_t now = clock_now_ms(), next;
	struct fair_room room = room_for(r, row, now);
	switch (fair_ask(&r->fair, row, &room, now, &share, &next)) {
	case FAIR_PARKED:
		return GO_ON;
	case FAIR_FULL:
		return NOT_NOW;
	case FAIR_LATER:
		settle_later(new_flight(r, row, &(struct fair_share){0}), row, next);
		break;
	case FAIR_GO:
		take_off(r, row, &share);
		r->alone = suspect;
	}
	return may_feed(r) ? GO_ON : ENOUGH;
}

/* A record that may kill workers goes alone, so that no other is blamed. */
static enum progress
consider(struct runner *r, struct store_row *row)
{
	if (in_hand(r, row->seq))
		return GO_ON;
	bool suspect = row->deaths >= SUSPECT_DEATHS;
	if (suspect && r->flights) {
		r->suspect_waits = true;
		return NOT_NOW;
	}
	return give_or_park(r, row, suspect);
}

static bool
take_fresh(void *arg, struct store_row *row)
{
	struct runner *r = arg;
	enum progress p = consider(r, row);
	if (p != NOT_NOW)
		r->seq = row->seq;
	r->fresh_left = p != GO_ON;
	return p == GO_ON;
}

static bool
take_due(void *arg, struct store_row *row)
{
	struct runner *r = arg;
	enum progress p = consider(r, row);
	if (p != NOT_NOW) {
		r->due_next = row->next;
		r->due_seq = row->seq;
	}
	r->due_left = p != GO_ON || retries_have_their_share(r);
	return !r->due_left;
}

/* From the beginning, or from that one on. */
static void
look_again(struct runner *r, int64_t seq)
{
	if (seq <= r->seq)
		r->seq = seq - 1;
	feed_fresh(r);
	feed_due(r);
}

/* It may have been held, or made due later, since it was parked. */
static bool
take_parked(void *arg, struct store_row *row)
{
	struct runner *r = arg;
	if (row->held == HELD_NOT && row->next <= clock_now_ms() && consider(r, row) == NOT_NOW)
		look_again(r, row->seq);
	return false;
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
feed_changed(struct runner *r)
{
	fair_forgive(&r->fair);
	feed_due(r);
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
	r->tidy_wait = TIDY_EVERY_S;
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
take_all_parked(struct runner *r)
{
	int64_t seq;
	while (may_feed(r)) {
		struct fair_room room = room_for(r, NULL, 0);
		if (!fair_next(&r->fair, &room, &seq))
			return;
		if (store_get(r->store, seq, take_parked, r) < 0) {
			log_error("%s", store_error(r->store));
			look_again(r, seq);
			feed_pause(r);
		}
	}
}

static void
scan(struct runner *r)
{
	take_all_parked(r);
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

void
feed(struct runner *r)
{
	if (r->suspect_waits && !r->flights)
		r->suspect_waits = false;
	scan(r);
	if (r->doubt.n > 0 && !r->flights && may_feed(r)) {
		/* Nobody else is there: those who had their turn have the next one. */
		look_again(r, doubt_next_round(&r->doubt));
		scan(r);
	}
	if (r->due_stale && !r->due_left && !r->stopping)
		arm_due_timer(r);
}

void
feed_landed(struct runner *r, struct flight *f)
{
	HASH_DEL(r->flights, f);
	r->bytes -= f->share.weight;
	r->retried -= f->retried;
	fair_leave(&r->fair, &f->share);
	if (!r->flights)
		r->alone = false;
	free(f);
}
