#include <stdlib.h>
#include <uthash.h>

#include "address.h"
#include "ages.h"
#include "mem.h"

#define FIRST_AGE_MS 300000

struct entry {
	char *name;   /* in lower case */
	int64_t last; /* row that was counted */
	struct domain_ages counts;
	UT_hash_handle hh;
};

struct ages {
	bool by_sender;
	int64_t now;
	struct entry *entries;
	struct domain_ages *sorted;
};

struct ages *
ages_new(bool by_sender, int64_t now)
{
	struct ages *a = xcalloc(1, sizeof(*a));
	a->by_sender = by_sender;
	a->now = now;
	return a;
}

static size_t
age_of(int64_t ms)
{
	size_t i = 0;
	for (int64_t end = FIRST_AGE_MS; i < AGES - 1 && ms > end; end *= 2)
		i++;
	return i;
}

static struct entry *
entry_of(struct ages *a, struct str domain)
{
	struct entry *e;
	char buf[ADDRESS_MAX];
	struct str name = str_lowered(domain, buf, sizeof(buf));
	HASH_FIND(hh, a->entries, name.p, name.n, e);
	if (e)
		return e;
	e = xcalloc(1, sizeof(*e));
	e->name = str_dup(name);
	e->counts.domain = str_n(e->name, name.n);
	HASH_ADD_KEYPTR(hh, a->entries, e->name, name.n, e);
	return e;
}

static void
count(struct ages *a, const struct store_row *row, struct str path)
{
	struct path p = {0};
	if (path.p)
		(void)path_parse(path, &p);
	struct entry *e = entry_of(a, p.domain);
	if (e->last == row->seq)
		return;
	e->last = row->seq;
	e->counts.messages++;
	e->counts.by_age[age_of(a->now - row->queued)]++;
}

void
ages_count(struct ages *a, const struct store_row *row)
{
	struct str rcpt_to;
	size_t n = 0;
	if (a->by_sender) {
		count(a, row, record_get(row->rec, "mail-from"));
		return;
	}
	for (size_t at = 0; record_next(row->rec, "rcpt-to", &at, &rcpt_to); n++)
		count(a, row, rcpt_to);
	if (n == 0)
		count(a, row, STR_NONE);
}

static int
more_first(const void *va, const void *vb)
{
	const struct domain_ages *a = va, *b = vb;
	if (a->messages != b->messages)
		return a->messages > b->messages ? -1 : 1;
	return strcmp(a->domain.p, b->domain.p);
}

const struct domain_ages *
ages_sorted(struct ages *a, size_t *n)
{
	struct entry *e, *tmp;
	size_t at = 0;
	*n = HASH_COUNT(a->entries);
	free(a->sorted);
	a->sorted = xcalloc(*n, sizeof(*a->sorted));
	HASH_ITER (hh, a->entries, e, tmp)
		a->sorted[at++] = e->counts;
	qsort(a->sorted, *n, sizeof(*a->sorted), more_first);
	return a->sorted;
}

void
ages_free(struct ages *a)
{
	struct entry *e, *tmp;
	HASH_ITER (hh, a->entries, e, tmp) {
		HASH_DEL(a->entries, e);
		free(e->name);
		free(e);
	}
	free(a->sorted);
	free(a);
}
