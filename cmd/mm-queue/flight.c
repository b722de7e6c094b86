#include <stdlib.h>

#include "clock.h"
#include "company.h"
#include "dsn.h"
#include "log.h"
#include "mem.h"
#include "outcome.h"
#include "runner.h"

static size_t
places(const struct runner *r)
{
	size_t most = r->doubt.trust;
	if (r->company && r->company < most)
		most = r->company;
	return HASH_COUNT(r->flights) < most ? most - HASH_COUNT(r->flights) : 0;
}

bool
flight_possible(const struct runner *r)
{
	return !r->stopping && !r->suspect_waits && !r->paused && !ev_is_active(&r->again) &&
	       places(r) > 0 && r->bytes < r->window_bytes;
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

static void
keep_company(struct runner *r, const struct flight *f)
{
	size_t company = company_of(f->deaths, r->poison, r->window_records);
	if (company < r->window_records && (!r->company || company < r->company))
		r->company = company;
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
	keep_company(r, f);
	r->bytes += f->share.weight;
	r->retried += f->retried;
	return f;
}

static void
take_off(struct runner *r, struct store_row *row, const struct fair_share *share)
{
	struct flight *f = new_flight(r, row, share);
	fair_take(&r->fair, &f->share, clock_mono_ms());
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

struct fair_room
flight_room(const struct runner *r, const struct store_row *row, int64_t now)
{
	size_t half = (r->window_records + 1) / 2;
	return (struct fair_room){.records = places(r),
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

static enum flight_progress
give_or_park(struct runner *r, struct store_row *row)
{
	struct fair_share share;
	int64_t now = clock_now_ms(), next;
	struct fair_room room = flight_room(r, row, now);
	switch (fair_ask(&r->fair, row, &room, now, &share, &next)) {
	case FAIR_PARKED:
		return FLIGHT_NEXT;
	case FAIR_FULL:
		return FLIGHT_NOT_NOW;
	case FAIR_LATER:
		settle_later(new_flight(r, row, &(struct fair_share){0}), row, next);
		break;
	case FAIR_GO:
		take_off(r, row, &share);
	}
	return flight_possible(r) ? FLIGHT_NEXT : FLIGHT_ENOUGH;
}

enum flight_progress
flight_consider(struct runner *r, struct store_row *row)
{
	if (in_hand(r, row->seq))
		return FLIGHT_NEXT;
	size_t company = company_of(row->deaths, r->poison, r->window_records);
	if (HASH_COUNT(r->flights) >= company) {
		r->suspect_waits = company;
		return FLIGHT_NOT_NOW;
	}
	return give_or_park(r, row);
}

void
flight_landed(struct runner *r, struct flight *f)
{
	HASH_DEL(r->flights, f);
	r->bytes -= f->share.weight;
	r->retried -= f->retried;
	fair_leave(&r->fair, &f->share);
	if (r->company && f->deaths) {
		const struct flight *other;
		r->company = 0;
		for (other = r->flights; other; other = other->hh.next)
			keep_company(r, other);
	}
	free(f);
}
