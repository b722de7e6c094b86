#include <stdlib.h>
#include <utlist.h>

#include "address.h"
#include "fair.h"
#include "mem.h"
#include "reply.h"

#define JITTER_STEPS 4096
#define REMEMBERED 10000 /* destinations that are not in use */

struct parked {
	int64_t seq;
	struct destination *at;
	bool retried;
	unsigned probe; /* it waits for this one to come back; or 0 */
	struct parked *prev, *next;
	UT_hash_handle hh;
};

struct destination {
	char *name; /* in lower case */
	size_t in_flight, bytes, retried;
	unsigned failures; /* in a row */
	unsigned probe;    /* the number of the one that is under way, or comes next */
	int64_t wait, probe_at;
	struct parked *parked; /* a list, first come first served */
	struct destination *prev, *next;
	UT_hash_handle hh;
};

static bool
is_dead(const struct destination *d)
{
	return d->failures >= FAIR_DEAD_AFTER;
}

static void
forget(struct fair *f, struct destination *d)
{
	HASH_DEL(f->all, d);
	free(d->name);
	free(d);
}

static bool
in_use(const struct destination *d)
{
	return d->in_flight > 0 || d->parked;
}

static void
sweep(struct fair *f)
{
	struct destination *d, *tmp;
	if (HASH_COUNT(f->all) < f->sweep_at || HASH_COUNT(f->all) < REMEMBERED)
		return;
	HASH_ITER (hh, f->all, d, tmp)
		if (!in_use(d))
			forget(f, d);
	f->sweep_at = HASH_COUNT(f->all) + REMEMBERED;
}

static struct destination *
find(struct fair *f, struct str domain)
{
	struct destination *d;
	char buf[ADDRESS_MAX];
	struct str name = str_lowered(domain, buf, sizeof(buf));
	HASH_FIND(hh, f->all, name.p, name.n, d);
	if (d)
		return d;
	d = xcalloc(1, sizeof(*d));
	d->name = str_dup(name);
	d->probe = 1;
	HASH_ADD_KEYPTR(hh, f->all, d->name, name.n, d);
	return d;
}

static void
add_destination(struct fair *f, struct fair_share *share, struct str domain)
{
	struct destination *d = find(f, domain);
	for (size_t i = 0; i < share->n; i++)
		if (share->of[i] == d)
			return;
	share->of[share->n++] = d;
}

static void
destinations_of(struct fair *f, const struct record *rec, struct fair_share *share)
{
	struct str rcpt_to;
	struct path p;
	for (size_t at = 0;
		share->n < FAIR_DESTINATIONS && record_next(rec, "rcpt-to", &at, &rcpt_to);)
		if (path_parse(rcpt_to, &p) == 0)
			add_destination(f, share, p.domain);
	if (share->n == 0)
		add_destination(f, share, STR(""));
}

static bool
has_room(const struct destination *d, const struct fair_room *room, bool retried)
{
	if (d->in_flight == 0)
		return true;
	return d->in_flight <= room->records && d->bytes <= room->bytes &&
	       (!retried || d->retried < room->retried);
}

static enum fair_answer
park(struct fair *f, struct destination *at, int64_t seq, bool retried, bool probing)
{
	if (HASH_COUNT(f->parked) >= FAIR_PARKED_MAX)
		return FAIR_FULL;
	struct parked *p = xcalloc(1, sizeof(*p));
	p->seq = seq;
	p->at = at;
	p->retried = retried;
	p->probe = probing ? at->probe : 0;
	HASH_ADD(hh, f->parked, seq, sizeof(p->seq), p);
	if (!at->parked)
		DL_APPEND(f->waiting, at);
	DL_APPEND(at->parked, p);
	return FAIR_PARKED;
}

static void
unpark(struct fair *f, struct parked *p)
{
	struct destination *at = p->at;
	DL_DELETE(at->parked, p);
	HASH_DEL(f->parked, p);
	if (!at->parked)
		DL_DELETE(f->waiting, at);
	free(p);
}

/* With a destination that lives the record is not the dead ones'. */
static bool
all_dead(const struct fair_share *share)
{
	for (size_t i = 0; i < share->n; i++)
		if (!is_dead(share->of[i]))
			return false;
	return true;
}

static int64_t
about(int64_t wait)
{
	return wait +
	       (int64_t)((double)wait * (arc4random_uniform(JITTER_STEPS) - JITTER_STEPS / 2.) /
			 (JITTER_STEPS * 2.5));
}

/* Who waits for a probe comes a little after it, not all at once. */
static int64_t
after_probe(const struct destination *d)
{
	return d->probe_at + 1 +
	       (int64_t)arc4random_uniform((uint32_t)(d->wait / 5 % UINT32_MAX + 1));
}

static void
take_share(struct fair_share *share)
{
	for (size_t i = 0; i < share->n; i++) {
		struct destination *d = share->of[i];
		d->in_flight++;
		d->bytes += share->weight;
		d->retried += share->retried;
	}
}

static enum fair_answer
ask(struct fair *f, int64_t seq, const struct fair_room *room, int64_t now,
	const struct fair_share *share, int64_t *next)
{
	bool dead = share->retried && !room->last_attempt && all_dead(share);
	for (size_t i = 0; i < share->n; i++) {
		struct destination *d = share->of[i];
		if (dead && d->in_flight == 0 && now < d->probe_at) {
			*next = after_probe(d);
			return FAIR_LATER;
		}
		bool probing = dead && d->in_flight > 0;
		if (probing || !has_room(d, room, share->retried))
			return park(f, d, seq, share->retried, probing);
	}
	return FAIR_GO;
}

enum fair_answer
fair_ask(struct fair *f, const struct store_row *row, const struct fair_room *room, int64_t now,
	struct fair_share *out, int64_t *next)
{
	*out = (struct fair_share){.weight = record_weight(row->rec) + row->size,
		.retried = row->next != STORE_NEVER_TRIED};
	sweep(f);
	destinations_of(f, row->rec, out);
	enum fair_answer answer = ask(f, row->seq, room, now, out, next);
	if (answer == FAIR_GO)
		take_share(out);
	return answer;
}

bool
fair_is_parked(const struct fair *f, int64_t seq)
{
	struct parked *p;
	HASH_FIND(hh, f->parked, &seq, sizeof(seq), p);
	return p != NULL;
}

/* The destination that gave one goes to the end of the line. */
bool
fair_next(struct fair *f, const struct fair_room *room, int64_t *seq)
{
	struct destination *d;
	DL_FOREACH (f->waiting, d) {
		struct parked *p = d->parked;
		if ((p->retried && room->retried == 0) || p->probe == d->probe ||
			!has_room(d, room, p->retried))
			continue;
		*seq = p->seq;
		DL_DELETE(f->waiting, d);
		DL_APPEND(f->waiting, d);
		unpark(f, p);
		return true;
	}
	return false;
}

static bool
unreachable(struct str reply)
{
	struct reply r;
	return reply_parse(reply, &r) == 0 && str_starts(r.enhanced, STR("4.4."));
}

/* Did every recipient of the domain find it unreachable? */
static bool
failed(const struct destination *d, const struct outcome *o)
{
	bool any = false;
	struct path p;
	for (size_t i = 0; o && i < o->n; i++) {
		const struct recipient *r = &o->recipients[i];
		if (path_parse(r->rcpt_to, &p) < 0 || !str_ieq(p.domain, str_of(d->name)))
			continue;
		if (r->status != STATUS_TEMPFAIL || !unreachable(r->reply))
			return false;
		any = true;
	}
	return any;
}

static void
note_failure(struct destination *d, const struct schedule *s, int64_t now)
{
	d->failures += d->failures < FAIR_DEAD_AFTER;
	if (!is_dead(d) || now < d->probe_at)
		return;
	d->wait = d->wait ? d->wait * 2 : s->retry_min;
	if (d->wait > s->retry_max)
		d->wait = s->retry_max;
	d->probe_at = now + about(d->wait);
}

void
fair_learn(struct fair_share *share, const struct outcome *o, const struct schedule *s,
	int64_t now)
{
	for (size_t i = 0; i < share->n; i++) {
		struct destination *d = share->of[i];
		if (failed(d, o)) {
			note_failure(d, s, now);
		} else {
			d->failures = 0;
			d->wait = d->probe_at = 0;
		}
	}
}

void
fair_leave(struct fair *f, struct fair_share *share)
{
	for (size_t i = 0; i < share->n; i++) {
		struct destination *d = share->of[i];
		d->in_flight--;
		d->bytes -= share->weight;
		d->retried -= share->retried;
		d->probe += d->in_flight == 0;
		if (!in_use(d) && d->failures == 0)
			forget(f, d);
	}
	share->n = 0;
}

void
fair_forgive(struct fair *f)
{
	struct destination *d, *tmp;
	HASH_ITER (hh, f->all, d, tmp) {
		d->failures = 0;
		d->wait = d->probe_at = 0;
		if (!in_use(d))
			forget(f, d);
	}
}

void
fair_release(struct fair *f)
{
	struct parked *p, *tmp;
	struct destination *d, *next;
	HASH_ITER (hh, f->parked, p, tmp)
		unpark(f, p);
	HASH_ITER (hh, f->all, d, next)
		forget(f, d);
}
