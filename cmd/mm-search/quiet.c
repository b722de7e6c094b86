#include <stdlib.h>

#include "archive_quiet.h"
#include "clock.h"
#include "crew_impl.h"
#include "mem.h"
#include "quiet.h"
#include "source.h"

#define QUIET_MS 50
#define QUIET_OCTETS (256u << 10) /* of results */
#define STEPS 1000                /* of SQLite's machine, between looks at the clock */

/* One of the places. */
struct index {
	char *dir;
	struct archive_quiet quiet;
};

struct reading {
	struct crew *crew;
	size_t n;
	struct source *sources;
	struct index *indexes;
	int64_t until;
	enum quiet result;
};

static int
is_over(void *arg)
{
	const struct reading *r = arg;
	return clock_mono_ms() > r->until;
}

static void
advance(struct reading *r, struct source *s)
{
	int rc = sqlite3_step(s->reader.st);
	source_stepped(s, rc, r->crew->by_time);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		r->result = rc == SQLITE_INTERRUPT ? QUIET_LONG : QUIET_NOT;
}

static void
start(struct reading *r, size_t i, const struct place *p)
{
	struct index *x = &r->indexes[i];
	struct reader *reader = &r->sources[i].reader;
	x->dir = mail_archive_path(p->archive, p->month, NULL);
	if (p->shared || !archive_quiet_begin(&x->quiet, x->dir) ||
		reader_open(reader, p, r->crew->sql, r->crew->condition, true) != 1) {
		r->result = QUIET_NOT;
		return;
	}
	sqlite3_progress_handler(reader->db, STEPS, is_over, r);
	advance(r, &r->sources[i]);
}

static bool
still(const struct reading *r, size_t i)
{
	return archive_quiet_still(&r->indexes[i].quiet, r->indexes[i].dir);
}

/* A place in a file that was never true is not to be told as damage. */
static bool
may_be_read(const struct reading *r, const struct source *s)
{
	return !r->crew->reads_messages || still(r, (size_t)(s - r->sources));
}

static void
read_rows(struct reading *r, struct chunk *out, bool *bad)
{
	struct source *s;
	while (r->result == QUIET_READ && (s = source_newest(r->sources, r->n))) {
		if (!may_be_read(r, s)) {
			r->result = QUIET_NOT;
			return;
		}
		if (crew_take_row(r->crew, &s->reader, out) < 0)
			*bad = true;
		if (out->text.n > QUIET_OCTETS || is_over(r))
			r->result = QUIET_LONG;
		else
			advance(r, s);
	}
}

/* Of what was read, is all true? */
static void
finish(struct reading *r)
{
	source_close_all(r->sources, r->n);
	for (size_t i = 0; i < r->n; i++)
		if (r->result == QUIET_READ && !still(r, i))
			r->result = QUIET_NOT;
	for (size_t i = 0; i < r->n; i++)
		free(r->indexes[i].dir);
	free(r->indexes);
	free(r->sources);
}

enum quiet
quiet_read(
	struct crew *c, const struct place *places, size_t n, struct chunk *out, bool *failed)
{
	struct reading r = {.crew = c,
		.n = n,
		.sources = xcalloc(n, sizeof(struct source)),
		.indexes = xcalloc(n, sizeof(struct index)),
		.until = clock_mono_ms() + QUIET_MS,
		.result = QUIET_READ};
	bool bad = false;
	for (size_t i = 0; i < n && r.result == QUIET_READ; i++)
		start(&r, i, &places[i]);
	read_rows(&r, out, &bad);
	for (size_t i = 0; i < n; i++)
		bad = bad || r.sources[i].reader.frames.unread;
	finish(&r);
	if (r.result == QUIET_READ)
		*failed = *failed || bad;
	else
		chunk_release(out);
	return r.result;
}
