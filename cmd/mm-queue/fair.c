#include <stdlib.h>
#include <utlist.h>

#include "address.h"
#include "fair.h"
#include "mem.h"

#define REMEMBERED 10000    /* destinations that are not in use */
#define RECOUNTED_A_MS 1000 /* records */

struct parked {
	int64_t seq;
	struct lane *in;
	bool retried;
	unsigned probe; /* it waits for this one to come back; or 0 */
	struct parked *prev, *next;
	UT_hash_handle hh;
};

/* Those that wait for one destination, first come first served. */
struct lane {
	struct destination *at;
	struct parked *parked;
	struct lane *prev, *next;
};

struct destination {
	char *name; /* in lower case */
	struct reach reach;
	struct pace pace;
	size_t in_flight, alone;        /* all of them; those to no other destination */
	size_t counted, bytes, retried; /* what counts for its share */
	unsigned probe; /* the number of the one that is under way, or comes next */
	struct lane for_it, for_several; /* where records to it alone wait, and others */
	UT_hash_handle hh;
};

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
	return d->in_flight > 0 || d->for_it.parked || d->for_several.parked;
}

static void
forget_unused(struct fair *f, unsigned failures)
{
	struct destination *d, *tmp;
	HASH_ITER (hh, f->all, d, tmp)
		if (!in_use(d) && d->reach.failures <= failures)
			forget(f, d);
}

/* How long they take is soon known again; who is dead is remembered longer. */
static void
sweep(struct fair *f)
{
	if (HASH_COUNT(f->all) < f->sweep_at || HASH_COUNT(f->all) < REMEMBERED)
		return;
	forget_unused(f, 0);
	if (HASH_COUNT(f->all) >= REMEMBERED)
		forget_unused(f, REACH_DEAD_AFTER);
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
	d->for_it.at = d->for_several.at = d;
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

/* One to it alone may always go: so it is known soon, and none waits for ever. */
static bool
has_room(const struct destination *d, const struct fair_room *room, bool alone, bool retried)
{
	if ((alone ? d->alone : d->counted) == 0)
		return true;
	return d->counted <= room->records && d->bytes <= room->bytes &&
	       (!retried || d->retried < room->retried);
}

static enum fair_answer
park(struct fair *f, struct lane *in, int64_t seq, bool retried, bool probing)
{
	if (HASH_COUNT(f->parked) >= FAIR_PARKED_MAX)
		return FAIR_FULL;
	struct parked *p = xcalloc(1, sizeof(*p));
	p->seq = seq;
	p->in = in;
	p->retried = retried;
	p->probe = probing ? in->at->probe : 0;
	HASH_ADD(hh, f->parked, seq, sizeof(p->seq), p);
	if (!in->parked)
		DL_APPEND(f->waiting, in);
	DL_APPEND(in->parked, p);
	return FAIR_PARKED;
}

static void
unpark(struct fair *f, struct parked *p)
{
	struct lane *in = p->in;
	DL_DELETE(in->parked, p);
	HASH_DEL(f->parked, p);
	if (!in->parked)
		DL_DELETE(f->waiting, in);
	free(p);
}

/* With a destination that lives the record is not the dead ones'. */
static bool
all_dead(const struct fair_share *share)
{
	for (size_t i = 0; i < share->n; i++)
		if (!reach_is_dead(&share->of[i]->reach))
			return false;
	return true;
}

static void
paces(const struct fair_share *share, struct pace *of[FAIR_DESTINATIONS])
{
	for (size_t i = 0; i < share->n; i++)
		of[i] = &share->of[i]->pace;
}

static unsigned
keepers(const struct fair_share *share, int64_t mono)
{
	struct pace *of[FAIR_DESTINATIONS];
	paces(share, of);
	return pace_keepers(of, share->n, share->since, mono);
}

/* From now on it counts for these. */
static void
count_for(struct fair_share *share, unsigned these)
{
	for (size_t i = 0; i < share->n; i++) {
		struct destination *d = share->of[i];
		bool was = share->counts >> i & 1, is = these >> i & 1;
		if (is && !was) {
			d->counted++;
			d->bytes += share->weight;
			d->retried += share->retried;
		} else if (was && !is) {
			d->counted--;
			d->bytes -= share->weight;
			d->retried -= share->retried;
		}
	}
	share->counts = these;
}

static enum fair_answer
ask(struct fair *f, int64_t seq, const struct fair_room *room, int64_t now,
	const struct fair_share *share, int64_t *next)
{
	bool dead = share->retried && !room->last_attempt && all_dead(share);
	bool alone = share->n == 1;
	unsigned counts = keepers(share, share->since);
	for (size_t i = 0; i < share->n; i++) {
		struct destination *d = share->of[i];
		if (dead && d->in_flight == 0 && now < d->reach.probe_at) {
			*next = reach_after_probe(&d->reach);
			return FAIR_LATER;
		}
		bool probing = dead && d->in_flight > 0;
		if (probing || (counts >> i & 1 && !has_room(d, room, alone, share->retried)))
			return park(f, alone ? &d->for_it : &d->for_several, seq,
				share->retried, probing);
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
	return ask(f, row->seq, room, now, out, next);
}

void
fair_take(struct fair *f, struct fair_share *share, int64_t mono)
{
	share->since = mono;
	for (size_t i = 0; i < share->n; i++) {
		share->of[i]->in_flight++;
		share->of[i]->alone += share->n == 1;
	}
	count_for(share, keepers(share, mono));
	if (share->n > 1) {
		DL_APPEND(f->several, share);
		f->nseveral++;
	}
}

/* Not at every turn of the loop: a window may be large. */
void
fair_recount(struct fair *f, int64_t mono)
{
	struct fair_share *share;
	if (mono < f->recount_at)
		return;
	DL_FOREACH (f->several, share)
		count_for(share, keepers(share, mono));
	f->recount_at = mono + 1 + (int64_t)(f->nseveral / RECOUNTED_A_MS);
}

bool
fair_is_parked(const struct fair *f, int64_t seq)
{
	struct parked *p;
	HASH_FIND(hh, f->parked, &seq, sizeof(seq), p);
	return p != NULL;
}

/* The lane that gave one goes to the end of the line. */
bool
fair_next(struct fair *f, const struct fair_room *room, int64_t *seq)
{
	struct lane *in;
	DL_FOREACH (f->waiting, in) {
		struct destination *d = in->at;
		struct parked *p = in->parked;
		if ((p->retried && room->retried == 0) || p->probe == d->probe ||
			!has_room(d, room, in == &d->for_it, p->retried))
			continue;
		*seq = p->seq;
		DL_DELETE(f->waiting, in);
		DL_APPEND(f->waiting, in);
		unpark(f, p);
		return true;
	}
	return false;
}

void
fair_learn(struct fair_share *share, const struct outcome *o, const struct schedule *s,
	int64_t now)
{
	for (size_t i = 0; i < share->n; i++) {
		struct destination *d = share->of[i];
		reach_note(&d->reach, reach_failed(str_of(d->name), o), s, now);
	}
}

void
fair_learn_pace(struct fair_share *share, int64_t mono)
{
	struct pace *of[FAIR_DESTINATIONS];
	paces(share, of);
	pace_learn(of, share->n, share->n < FAIR_DESTINATIONS, share->since, mono);
}

static bool
worth_remembering(const struct destination *d)
{
	return in_use(d) || d->reach.failures > 0 || d->pace.known;
}

void
fair_leave(struct fair *f, struct fair_share *share)
{
	if (share->n > 1) {
		DL_DELETE(f->several, share);
		f->nseveral--;
	}
	count_for(share, 0);
	for (size_t i = 0; i < share->n; i++) {
		struct destination *d = share->of[i];
		d->in_flight--;
		d->alone -= share->n == 1;
		d->probe += d->in_flight == 0;
		if (!worth_remembering(d))
			forget(f, d);
	}
	share->n = 0;
}

void
fair_forgive(struct fair *f)
{
	struct destination *d, *tmp;
	HASH_ITER (hh, f->all, d, tmp) {
		d->reach = (struct reach){0};
		if (!worth_remembering(d))
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
