#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "runner.h"

#define ABSORB_AT_ONCE 1000
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 10000
#define DUE_RECHECK_MS 60000 /* the wall clock may be set */

/* Those tried before, waiting for slow hosts, leave half of the window to the
 * fresh. */
static bool
retries_have_their_share(const struct runner *r)
{
	return r->retried >= (r->window_records + 1) / 2;
}

static bool
take_fresh(void *arg, struct store_row *row)
{
	struct runner *r = arg;
	enum flight_progress p = flight_consider(r, row);
	if (p != FLIGHT_NOT_NOW)
		r->seq = row->seq;
	r->fresh_left = p != FLIGHT_NEXT;
	return p == FLIGHT_NEXT;
}

static bool
take_due(void *arg, struct store_row *row)
{
	struct runner *r = arg;
	enum flight_progress p = flight_consider(r, row);
	if (p != FLIGHT_NOT_NOW) {
		r->due_next = row->next;
		r->due_seq = row->seq;
	}
	r->due_left = p != FLIGHT_NEXT || retries_have_their_share(r);
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
	if (row->held == HELD_NOT && row->next <= clock_now_ms() &&
		flight_consider(r, row) == FLIGHT_NOT_NOW)
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
	fair_recount(&r->fair, clock_mono_ms());
	while (flight_possible(r)) {
		struct fair_room room = flight_room(r, NULL, 0);
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
	if (r->due_left && flight_possible(r) && !retries_have_their_share(r))
		scan_due(r);
	if (r->fresh_left && flight_possible(r))
		scan_fresh(r);
	while (r->intake_left && !r->fresh_left && flight_possible(r)) {
		absorb(r);
		if (flight_possible(r))
			scan_fresh(r);
	}
}

void
feed(struct runner *r)
{
	if (HASH_COUNT(r->flights) < r->suspect_waits) {
		r->suspect_waits = 0;
		if (flight_possible(r) && !retries_have_their_share(r))
			scan_due(r); /* before another takes its place */
	}
	scan(r);
	if (r->doubt.n > 0 && !r->flights && flight_possible(r)) {
		/* Nobody else is there: those who had their turn have the next one. */
		look_again(r, doubt_next_round(&r->doubt));
		scan(r);
	}
	if (r->due_stale && !r->due_left && !r->stopping)
		arm_due_timer(r);
}
