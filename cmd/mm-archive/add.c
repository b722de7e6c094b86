#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "batch.h"
#include "clock.h"
#include "commands.h"
#include "earlier.h"
#include "filter.h"
#include "log.h"
#include "mem.h"
#include "sandbox.h"
#include "ulid.h"

#define OPEN_MONTHS 13
#define OPEN_FILES 8 /* prune cannot remove what is open */

struct adder {
	struct mail_archive archive;
	char *node;
	struct tar_frame packer;
	struct earlier earlier;
	struct month_store *months[OPEN_MONTHS];
	uint64_t clock;
	struct pending **pending;
	size_t n, cap;
};

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
	for (size_t i = 0; i < OPEN_MONTHS; i++)
		if (a->months[i] == s)
			drop_month(a, i);
}

/* The month, open; the one that was not used for longest makes room. */
static struct month_store *
open_month(struct adder *a, struct month m, bool *full)
{
	size_t oldest = 0;
	for (size_t i = 0; i < OPEN_MONTHS; i++) {
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
finish(struct filter *f, struct pending *p, int rc, bool full)
{
	struct adder *a = f->ctx;
	if (rc == 0) {
		record_addf(p->rec, "archived", "%s%s", a->archive.name,
			p->duplicate ? " duplicate" : "");
		record_outcome(p->rec, STATUS_OK, "250 2.0.0 archived in %s", a->archive.name);
	} else if (full) {
		record_outcome(p->rec, STATUS_TEMPFAIL, "452 4.3.1 no space in archive %s",
			a->archive.name);
	} else {
		record_outcome(p->rec, STATUS_TEMPFAIL, "451 4.3.0 cannot write to archive %s",
			a->archive.name);
	}
	filter_emit(f, p->rec);
	mimetext_release(&p->text);
	free(p);
}

static void
commit_day(struct filter *f, struct pending **list, size_t n)
{
	struct adder *a = f->ctx;
	bool full = false;
	int rc = 1;
	for (int tries = 0; rc == 1 && tries < 3; tries++) {
		struct month_store *s = open_month(a, list[0]->month, &full);
		rc = s ? batch_commit(s, &a->packer, list, n, &full) : -1;
		if (s && rc != 0)
			drop_store(a, s);
	}
	for (size_t i = 0; i < n; i++)
		finish(f, list[i], rc, full);
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
		for (size_t i = 0; i < OPEN_MONTHS; i++)
			if (a->months[i])
				open += open_files(a->months[i], &oldest);
		if (open <= OPEN_FILES)
			return;
		tar_file_close(&oldest->tar);
	}
}

static bool
same_day(const struct pending *x, const struct pending *y)
{
	return x->day == y->day && x->month.month == y->month.month &&
	       x->month.year == y->month.year;
}

static void
on_drain(struct filter *f)
{
	struct adder *a = f->ctx;
	while (a->n) {
		struct pending **group = xcalloc(a->n, sizeof(struct pending *));
		size_t taken = 0, left = 0;
		for (size_t i = 0; i < a->n; i++) {
			if (taken == 0 || same_day(group[0], a->pending[i]))
				group[taken++] = a->pending[i];
			else
				a->pending[left++] = a->pending[i];
		}
		a->n = left;
		commit_day(f, group, taken);
		free(group);
	}
	close_idle_files(a);
}

static int64_t
received_at(struct record *r)
{
	char text[CLOCK_RFC3339_SIZE];
	int64_t ms;
	struct str given = record_get(r, "received");
	if (given.p && clock_parse_rfc3339(given, &ms) == 0 && ms >= 0)
		return ms;
	ms = clock_now_ms();
	record_set(r, "received", str_of(clock_rfc3339(ms, text)));
	return ms;
}

static void
on_record(struct filter *f, struct record *r)
{
	struct adder *a = f->ctx;
	char id[ULID_SIZE];
	if (!record_has(r, "id"))
		record_set(r, "id", str_of(ulid_new(clock_now_ms(), id)));
	if (!id_valid(record_get(r, "id")) || r->body->n == 0) {
		record_outcome(r, STATUS_PERMFAIL, "554 5.6.0 %s",
			r->body->n ? "the message's id is malformed"
				   : "there is no message to archive");
		filter_emit(f, r);
		return;
	}
	struct pending *p = xcalloc(1, sizeof(*p));
	p->rec = r;
	p->row.received = received_at(r);
	p->row.id = record_get(r, "id");
	earlier_received(&a->earlier, &a->archive, p->row.id, &p->row.received);
	p->month = month_of(p->row.received, &p->day);
	mimetext_extract(&p->text, str_n(r->body->p, r->body->n), INDEX_BODY_MAX);
	p->row.rec = r;
	p->row.text = &p->text;
	a->pending = xgrow(a->pending, &a->cap, a->n + 1, sizeof(struct pending *));
	a->pending[a->n++] = p;
}

static void
release(struct adder *a)
{
	for (size_t i = 0; i < OPEN_MONTHS; i++)
		if (a->months[i])
			drop_month(a, i);
	earlier_release(&a->earlier);
	tar_frame_release(&a->packer);
	free(a->pending);
	free(a->node);
	mail_archive_release(&a->archive);
}

int
command_add(struct options *o, char **operands)
{
	static const struct filter_ops ops = {.record = on_record, .drain = on_drain};
	struct adder a = {.node = tar_node()};
	int status = EX_TEMPFAIL;
	umask(027);
	mimetext_init();
	if (mail_archive_open(&a.archive, o->site, o->root, operands[0]) == 0 &&
		tar_frame_init(&a.packer) == 0) {
		o->filter.ops = &ops;
		o->filter.ctx = &a;
		sandbox_enter(SANDBOX_WRITE);
		status = filter_run(&o->filter, operands + 1);
	}
	release(&a);
	return status;
}
