#include <stdio.h>
#include <stdlib.h>

#include "address.h"
#include "clock.h"
#include "look.h"
#include "mem.h"
#include "num.h"
#include "query.h"

#define PAGE_ROWS 500 /* a long read would keep the store from taking back space */

enum key { FROM, RCPT, REASON, OLDER, NEWER, LARGER, SMALLER, HELD, TRIED };

static const struct {
	const char *name;
	enum { TEXT, DURATION, SIZE, YES_NO } kind;
} keys[] = {
	[FROM] = {"from", TEXT},
	[RCPT] = {"rcpt", TEXT},
	[REASON] = {"reason", TEXT},
	[OLDER] = {"older", DURATION},
	[NEWER] = {"newer", DURATION},
	[LARGER] = {"larger", SIZE},
	[SMALLER] = {"smaller", SIZE},
	[HELD] = {"held", YES_NO},
	[TRIED] = {"tried", YES_NO},
};

#define KEYS (sizeof(keys) / sizeof(*keys))

struct term {
	enum key key;
	struct str text;
	int64_t number;
};

struct query {
	struct term *terms;
	size_t nterms, cap;
	const char **ids;
	size_t nids, ids_cap;
};

static int
read_value(struct term *t)
{
	uint64_t size;
	switch (keys[t->key].kind) {
	case TEXT:
		return t->text.n > 0 ? 0 : -1;
	case DURATION:
		return num_duration(t->text, &t->number);
	case SIZE:
		if (num_size(t->text, INT64_MAX, &size) < 0)
			return -1;
		t->number = (int64_t)size;
		return 0;
	case YES_NO:
		t->number = str_eq(t->text, STR("yes"));
		return t->number || str_eq(t->text, STR("no")) ? 0 : -1;
	}
	return -1;
}

static int
refuse(const char *operand, char *why, size_t size)
{
	(void)snprintf(why, size,
		"\"%.100s\": expected an id, or from:TEXT, rcpt:TEXT, reason:TEXT, older:2h, "
		"newer:2h, larger:1M, smaller:1M, held:yes|no, tried:yes|no",
		operand);
	return -1;
}

static int
add_term(struct query *q, const char *operand, char *why, size_t size)
{
	struct str rest = str_of(operand), name = str_cut(&rest, ':');
	for (size_t i = 0; i < KEYS; i++) {
		struct term t = {.key = (enum key)i, .text = rest};
		if (!str_eq(name, str_of(keys[i].name)))
			continue;
		if (read_value(&t) < 0)
			break;
		q->terms = xgrow(q->terms, &q->cap, q->nterms + 1, sizeof(*q->terms));
		q->terms[q->nterms++] = t;
		return 0;
	}
	return refuse(operand, why, size);
}

struct query *
query_parse(char *const *operands, char *why, size_t size)
{
	struct query *q = xcalloc(1, sizeof(*q));
	for (; *operands; operands++) {
		if (!strchr(*operands, ':')) {
			q->ids = xgrow(q->ids, &q->ids_cap, q->nids + 1, sizeof(*q->ids));
			q->ids[q->nids++] = *operands;
		} else if (add_term(q, *operands, why, size) < 0) {
			query_free(q);
			return NULL;
		}
	}
	return q;
}

void
query_free(struct query *q)
{
	if (!q)
		return;
	free(q->terms);
	free(q->ids);
	free(q);
}

bool
query_has_terms(const struct query *q)
{
	return q->nterms > 0;
}

bool
query_is_empty(const struct query *q)
{
	return q->nterms == 0 && q->nids == 0;
}

/* In the address; "<>" is the null reverse-path. */
static bool
address_fits(struct str field, struct str wanted)
{
	struct path p;
	if (!field.p || path_parse(field, &p) < 0)
		return false;
	return str_eq(wanted, STR("<>")) ? p.address.n == 0 : str_icontains(p.address, wanted);
}

static bool
recipient_fits(const struct record *rec, struct str wanted)
{
	struct str rcpt_to;
	for (size_t at = 0; record_next(rec, "rcpt-to", &at, &rcpt_to);)
		if (address_fits(rcpt_to, wanted))
			return true;
	return false;
}

static bool
term_fits(const struct term *t, const struct store_row *row, int64_t now)
{
	switch (t->key) {
	case FROM:
		return address_fits(record_get(row->rec, "mail-from"), t->text);
	case RCPT:
		return recipient_fits(row->rec, t->text);
	case REASON:
		return str_icontains(row->reply, t->text) ||
		       str_icontains(look_reason(row), t->text);
	case OLDER:
		return now - row->queued > t->number;
	case NEWER:
		return now - row->queued < t->number;
	case LARGER:
		return (int64_t)row->size > t->number;
	case SMALLER:
		return (int64_t)row->size < t->number;
	case HELD:
		return (row->held != HELD_NOT) == t->number;
	case TRIED:
		return (row->attempts > 0) == t->number;
	}
	return false;
}

static bool
id_fits(const struct query *q, struct str id)
{
	for (size_t i = 0; i < q->nids; i++)
		if (str_eq(str_of(q->ids[i]), id))
			return true;
	return q->nids == 0;
}

bool
query_fits(const struct query *q, const struct store_row *row, int64_t now)
{
	for (size_t i = 0; i < q->nterms; i++)
		if (!term_fits(&q->terms[i], row, now))
			return false;
	return id_fits(q, record_get(row->rec, "id"));
}

struct walk {
	const struct query *query;
	store_each *each;
	void *arg;
	int64_t now, last;
	size_t page;
	bool ended;
};

static bool
walk_row(void *arg, struct store_row *row)
{
	struct walk *w = arg;
	w->last = row->seq;
	w->page++;
	if (query_fits(w->query, row, w->now))
		w->ended = !w->each(w->arg, row);
	return !w->ended;
}

static int
walk_all(struct store *s, struct walk *w)
{
	do {
		w->page = 0;
		if (store_each_row(s, w->last, PAGE_ROWS, walk_row, w) < 0)
			return -1;
	} while (w->page == PAGE_ROWS && !w->ended);
	return 0;
}

int
query_each(struct store *s, const struct query *q, store_each *each, void *arg,
	void (*missing)(void *arg, const char *id))
{
	struct walk w = {.query = q, .each = each, .arg = arg, .now = clock_now_ms()};
	if (q->nids == 0)
		return walk_all(s, &w);
	for (size_t i = 0; i < q->nids && !w.ended; i++) {
		int found = store_find(s, str_of(q->ids[i]), walk_row, &w);
		if (found < 0)
			return -1;
		if (found == 0)
			missing(arg, q->ids[i]);
	}
	return 0;
}
