#include <stdlib.h>
#include <sys/stat.h>

#include "adder.h"
#include "mem.h"

#define OPEN_FILES 8 /* prune cannot remove what is open */

static void
drop_month(struct adder *a, size_t i)
{
	month_store_close(a->months[i]);
	free(a->months[i]);
	a->months[i] = NULL;
}

static void
drop_store(struct adder *a, const struct month_store *s)
{
	for (size_t i = 0; i < ADDER_MONTHS; i++)
		if (a->months[i] == s)
			drop_month(a, i);
}

/* The month, open; the one that was not used for longest makes room. */
static struct month_store *
open_month(struct adder *a, struct month m, bool *full)
{
	size_t oldest = 0;
	for (size_t i = 0; i < ADDER_MONTHS; i++) {
		struct month_store *s = a->months[i];
		if (s && s->month.year == m.year && s->month.month == m.month) {
			s->last_used = ++a->clock;
			return s;
		}
		if (!s || (a->months[oldest] && s->last_used < a->months[oldest]->last_used))
			oldest = i;
	}
	if (a->months[oldest])
		drop_month(a, oldest);
	struct month_store *s = xmalloc(sizeof(*s));
	if (month_store_open(s, &a->archive, m, a->node, full) < 0) {
		free(s);
		return NULL;
	}
	s->last_used = ++a->clock;
	a->months[oldest] = s;
	return s;
}

static void
commit_day(struct adder *a, struct pending **list, size_t n)
{
	bool full = false;
	int rc = 1;
	for (int tries = 0; rc == 1 && tries < 3; tries++) {
		struct month_store *s = open_month(a, list[0]->month, &full);
		rc = s ? batch_commit(s, &a->packer, &a->texts, list, n, &full) : -1;
		if (s && rc != 0)
			drop_store(a, s);
	}
	texts_leave(&a->texts, list[n - 1]);
	for (size_t i = 0; i < n; i++) {
		a->done(a->ctx, list[i], rc, full);
		index_text_release(&list[i]->text);
		free(list[i]);
	}
}

/* Counts those of a month that are open, and finds the one unused for longest. */
static size_t
open_files(struct month_store *s, struct day_file **oldest)
{
	size_t n = 0;
	for (int day = 0; day < 32; day++) {
		struct day_file *d = &s->days[day];
		if (!d->tar.name)
			continue;
		n++;
		if (!*oldest || d->last_used < (*oldest)->last_used)
			*oldest = d;
	}
	return n;
}

static void
close_idle_files(struct adder *a)
{
	for (;;) {
		struct day_file *oldest = NULL;
		size_t open = 0;
		for (size_t i = 0; i < ADDER_MONTHS; i++)
			if (a->months[i])
				open += open_files(a->months[i], &oldest);
		if (open <= OPEN_FILES)
			return;
		tar_file_close(&oldest->tar);
	}
}

static bool
let_go_of_days(struct month_store *s, uint64_t since)
{
	bool open = false;
	for (int day = 0; day < 32; day++) {
		struct day_file *d = &s->days[day];
		if (d->tar.name && d->last_used <= since)
			tar_file_close(&d->tar);
		open = open || d->tar.name;
	}
	return open;
}

bool
adder_let_go(struct adder *a)
{
	bool open = false;
	for (size_t i = 0; i < ADDER_MONTHS; i++) {
		if (a->months[i] && !let_go_of_days(a->months[i], a->let_go))
			drop_month(a, i);
		open = open || a->months[i];
	}
	a->let_go = a->clock;
	return open;
}

static int
by_day(const void *x, const void *y)
{
	const struct pending *a = *(struct pending *const *)x, *b = *(struct pending *const *)y;
	if (a->month.year != b->month.year)
		return a->month.year - b->month.year;
	if (a->month.month != b->month.month)
		return a->month.month - b->month.month;
	if (a->day != b->day)
		return a->day - b->day;
	return a->arrival < b->arrival ? -1 : a->arrival > b->arrival;
}

static bool
same_day(const struct pending *x, const struct pending *y)
{
	return x->day == y->day && x->month.month == y->month.month &&
	       x->month.year == y->month.year;
}

void
adder_commit(struct adder *a)
{
	if (a->n)
		qsort(a->pending, a->n, sizeof(struct pending *), by_day);
	texts_begin(&a->texts, a->pending, a->n);
	for (size_t at = 0, end; at < a->n; at = end) {
		for (end = at + 1; end < a->n && same_day(a->pending[at], a->pending[end]);)
			end++;
		commit_day(a, a->pending + at, end - at);
	}
	texts_end(&a->texts);
	a->n = 0;
	a->octets = 0;
	close_idle_files(a);
}

void
adder_take(struct adder *a, struct record *r, int64_t received)
{
	struct pending *p = xcalloc(1, sizeof(*p));
	p->rec = r;
	p->row.received = received;
	p->row.id = record_get(r, "id");
	earlier_received(&a->earlier, &a->archive, p->row.id, &p->row.received);
	p->month = month_of(p->row.received, &p->day);
	p->row.rec = r;
	p->arrival = a->n;
	a->octets += record_weight(r);
	a->pending = xgrow(a->pending, &a->cap, a->n + 1, sizeof(struct pending *));
	a->pending[a->n++] = p;
}

int
adder_open(struct adder *a, const char *site, const char *root, const char *name)
{
	a->node = tar_node();
	umask(027);
	return mail_archive_open(&a->archive, site, root, name) < 0
		       ? -1
		       : tar_frame_init(&a->packer);
}

void
adder_close(struct adder *a)
{
	for (size_t i = 0; i < ADDER_MONTHS; i++)
		if (a->months[i])
			drop_month(a, i);
	texts_close(&a->texts);
	earlier_release(&a->earlier);
	tar_frame_release(&a->packer);
	free(a->pending);
	free(a->node);
	mail_archive_release(&a->archive);
}
