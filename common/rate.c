#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "mem.h"
#include "rate.h"

struct event {
	int64_t at_ms;
	unsigned id; /* a hash of it */
};

/* The latest events of a key, a ring that grows up to most + 1. */
struct entry {
	UT_hash_handle hh;
	struct event *events;
	size_t n, cap, next; /* next: to be written over once n is the limit */
	char key[];
};

struct rate {
	size_t limit; /* events of a key */
	int64_t window_ms;
	struct entry *keys; /* the quietest first */
	size_t events;      /* room for, in all */
};

struct rate *
rate_new(uint32_t most, int64_t window_ms)
{
	struct rate *r = xcalloc(1, sizeof(*r));
	r->limit = (size_t)most + 1;
	r->window_ms = window_ms;
	return r;
}

static void
forget(struct rate *r, struct entry *e)
{
	HASH_DEL(r->keys, e);
	r->events -= e->cap;
	free(e->events);
	free(e);
}

void
rate_free(struct rate *r)
{
	struct entry *e, *next;
	if (!r)
		return;
	HASH_ITER (hh, r->keys, e, next)
		forget(r, e);
	free(r);
}

static unsigned
hash_of(struct str s)
{
	unsigned hash;
	HASH_JEN(s.p, s.n, hash);
	return hash;
}

/* The key's entry, the last in the order of forgetting. */
static struct entry *
touch(struct rate *r, struct str key)
{
	struct entry *e;
	HASH_FIND(hh, r->keys, key.p, key.n, e);
	if (e) {
		HASH_DEL(r->keys, e);
	} else {
		e = xcalloc(1, sizeof(*e) + key.n + 1);
		memcpy(e->key, key.p, key.n);
	}
	HASH_ADD(hh, r->keys, key[0], (unsigned)key.n, e);
	for (struct entry *oldest = r->keys; oldest && oldest != e; oldest = r->keys) {
		if (HASH_COUNT(r->keys) <= RATE_MAX_KEYS && r->events <= RATE_MAX_EVENTS)
			break;
		forget(r, oldest);
	}
	return e;
}

static void
add(struct rate *r, struct entry *e, struct event event)
{
	if (e->n == r->limit) {
		e->events[e->next] = event;
		e->next = e->next + 1 < r->limit ? e->next + 1 : 0;
		return;
	}
	if (e->n == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 4;
		if (cap > r->limit)
			cap = r->limit;
		e->events = xrealloc(e->events, cap * sizeof(*e->events));
		r->events += cap - e->cap;
		e->cap = cap;
	}
	e->events[e->n++] = event;
}

uint32_t
rate_count(struct rate *r, struct str key, struct str id, int64_t at_ms)
{
	struct entry *e = touch(r, key.p ? key : STR(""));
	struct event event = {at_ms, hash_of(id)};
	uint32_t count = 0;
	bool known = false;
	for (size_t i = 0; i < e->n; i++) {
		const struct event *old = &e->events[i];
		bool inside = old->at_ms <= at_ms && old->at_ms > at_ms - r->window_ms;
		known = known || (inside && old->id == event.id);
		count += inside;
	}
	if (!known)
		add(r, e, event);
	count += !known;
	return count > r->limit ? (uint32_t)r->limit : count;
}
