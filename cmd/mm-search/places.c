#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "archive_shared.h"
#include "fold.h"
#include "log.h"
#include "mem.h"
#include "places.h"

static int
newest_first(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	if (a->month.year != b->month.year)
		return b->month.year - a->month.year;
	if (a->month.month != b->month.month)
		return b->month.month - a->month.month;
	return strcmp(a->archive->name, b->archive->name);
}

static bool
can_match(const struct query *q, const struct place *p)
{
	int64_t first = month_start(p->month), last = month_end(p->month);
	bool shown = last > p->cutoff || (p->holds && archive_holds_count(p->holds) > 0);
	return shown && query_can_match(q, p->archive->name, first, last);
}

struct place *
places_find(const struct query *q, const struct mail_archive *archives,
	struct archive_holds *const *holds, size_t narchives, int64_t now, size_t *count,
	bool *failed)
{
	struct place *places = NULL;
	size_t cap = 0, n;
	struct month *months;
	*count = 0;
	for (size_t i = 0; i < narchives; i++) {
		const struct mail_archive *a = &archives[i];
		if (mail_archive_months(a, &months, &n) < 0) {
			log_error("cannot read %s: %s", a->dir, strerror(errno));
			*failed = true;
			continue;
		}
		bool shared = archive_shared(a->dir);
		for (size_t k = 0; k < n; k++) {
			struct place p = {a, holds[i], months[k],
				retention_cutoff(&a->retention, now), shared};
			if (!can_match(q, &p))
				continue;
			places = xgrow(places, &cap, *count + 1, sizeof(*places));
			places[(*count)++] = p;
		}
		free(months);
	}
	if (*count)
		qsort(places, *count, sizeof(*places), newest_first);
	return places;
}

/* Takes away what is neither younger than the cutoff nor under a hold. */
static int
narrow(const struct reader *r, int64_t *cutoff)
{
	const struct place *p = r->place;
	if (!p->holds || archive_holds_count(p->holds) == 0 || month_start(p->month) > *cutoff)
		return 0;
	if (archive_holds_show(p->holds, r->db, *cutoff) < 0)
		return -1;
	*cutoff = INT64_MIN;
	return 0;
}

/* What is read quietly may turn out not to be so, and is then read anew. */
static int
prepare(struct reader *r, const char *sql, bool quietly)
{
	if (!quietly)
		return index_prepare(r->db, sql, &r->st);
	return sqlite3_prepare_v2(r->db, sql, -1, &r->st, NULL) == SQLITE_OK ? 0 : -1;
}

int
reader_open(struct reader *r, const struct place *p, const char *sql,
	const struct query_sql *condition, bool quietly)
{
	char *dir = mail_archive_path(p->archive, p->month, NULL);
	int64_t cutoff = p->cutoff;
	*r = (struct reader){.place = p};
	frame_reader_init(&r->frames, dir, p->archive->keys);
	int rc = quietly ? index_open_quietly(dir, p->archive->keys, &r->db)
			 : index_open_read(dir, p->archive->keys, &r->db);
	if (rc == 0 && !quietly && mail_archive_index_lost(dir))
		rc = -1;
	if (rc == 1 && (narrow(r, &cutoff) < 0 || query_sql_functions(r->db, &r->frames) < 0 ||
			       fold_functions(r->db) < 0 || prepare(r, sql, quietly) < 0))
		rc = -1;
	if (rc == 1) {
		sqlite3_bind_int64(r->st, 1, cutoff);
		sqlite3_bind_text(r->st, 2, p->archive->name, -1, SQLITE_STATIC);
		if (condition)
			query_sql_bind(condition, r->st, 3);
	}
	free(dir);
	return rc;
}

void
reader_close(struct reader *r)
{
	sqlite3_finalize(r->st);
	sqlite3_close(r->db);
	frame_reader_release(&r->frames);
	*r = (struct reader){0};
}
