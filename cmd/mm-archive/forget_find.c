#include <stdlib.h>
#include <string.h>

#include "forget_find.h"
#include "log.h"
#include "mem.h"
#include "tar_frame.h"

struct finding {
	struct forget_hits *hits;
	const struct forget_ids *ids;
	const char *file;
};

/* A message takes two headers of 512 octets and its octets in blocks of 512.  What the
 * messages of a frame take is all of it, or there is more in it. */
#define SUSPECTS \
	"SELECT f.name, r.offset, r.length, r.raw FROM frame AS r JOIN file AS f" \
	" ON f.n = r.file LEFT JOIN (SELECT frame, sum(1024 + (head_size + 511) / 512 * 512" \
	" + (size + 511) / 512 * 512) AS octets FROM message GROUP BY frame) AS m" \
	" ON m.frame = r.n WHERE r.n > ? AND (m.octets IS NULL OR m.octets <> r.raw" \
	" OR r.n IN (SELECT frame FROM message WHERE n IN (SELECT n FROM temp.forgetting)))" \
	" ORDER BY f.name, r.offset"

void
forget_hits_release(struct forget_hits *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->list[i].file);
	free(h->list);
	*h = (struct forget_hits){0};
}

static int
by_file(const void *x, const void *y)
{
	const struct forget_hit *a = x, *b = y;
	int order = strcmp(a->file, b->file);
	return order ? order : (a->id > b->id) - (a->id < b->id);
}

static void
sort(struct forget_hits *h)
{
	size_t kept = 0;
	if (h->n)
		qsort(h->list, h->n, sizeof(*h->list), by_file);
	for (size_t i = 0; i < h->n; i++) {
		if (kept && by_file(&h->list[kept - 1], &h->list[i]) == 0)
			free(h->list[i].file);
		else
			h->list[kept++] = h->list[i];
	}
	h->n = kept;
}

static int
take_entry(void *arg, const char *name, struct tar_entry where)
{
	struct finding *f = arg;
	struct forget_hits *h = f->hits;
	long id = forget_ids_of_entry(f->ids, name);
	(void)where;
	if (id < 0)
		return 0;
	h->list = xgrow(h->list, &h->cap, h->n + 1, sizeof(*h->list));
	h->list[h->n++] = (struct forget_hit){xstrdup(f->file), (size_t)id};
	return 0;
}

static int
take_frame(struct finding *f, struct frame_reader *fr, sqlite3_stmt *st)
{
	struct archive_row row = {.file = index_text(st, 0),
		.frame_at = (uint64_t)sqlite3_column_int64(st, 1),
		.frame_size = (uint64_t)sqlite3_column_int64(st, 2),
		.frame_raw = (uint64_t)sqlite3_column_int64(st, 3)};
	struct str raw;
	f->file = row.file.p;
	if (frame_read(fr, &row, &raw) < 0)
		return -1;
	if (tar_frame_walk(raw, take_entry, f) == 0)
		return 0;
	log_error("%s/%s: the frame at byte %llu is no tar", fr->month_dir, f->file,
		(unsigned long long)row.frame_at);
	return -1;
}

static int
newest_frame(sqlite3 *db, int64_t *n)
{
	sqlite3_stmt *st;
	if (index_prepare(db, "SELECT max(n) FROM frame", &st) < 0)
		return -1;
	int rc = sqlite3_step(st) == SQLITE_ROW ? 0 : -1;
	*n = rc == 0 ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_finalize(st);
	if (rc < 0)
		index_log_error(db, "cannot read the index");
	return rc;
}

int
forget_find(struct forget_hits *h, sqlite3 *db, struct frame_reader *fr,
	const struct forget_ids *ids)
{
	struct finding f = {.hits = h, .ids = ids};
	sqlite3_stmt *st;
	int64_t newest;
	int rc = 0, step = SQLITE_DONE;
	if (newest_frame(db, &newest) < 0)
		return -1;
	if (newest <= h->last_frame)
		return 0;
	if (index_prepare(db, SUSPECTS, &st) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, h->last_frame);
	while (rc == 0 && (step = sqlite3_step(st)) == SQLITE_ROW)
		rc = take_frame(&f, fr, st);
	if (rc == 0 && step != SQLITE_DONE) {
		index_log_error(db, "cannot read the index");
		rc = -1;
	}
	sqlite3_finalize(st);
	h->last_frame = newest;
	sort(h);
	return rc;
}
