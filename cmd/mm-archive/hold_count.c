#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive_index.h"
#include "hold_count.h"
#include "log.h"
#include "mem.h"

static int
add_counts(sqlite3 *db, struct hold_count *counts)
{
	sqlite3_stmt *st;
	int step;
	if (index_prepare(db,
		    "SELECT h.hold, count(*), sum(m.size) FROM temp.held AS h"
		    " JOIN message AS m ON m.n = h.n GROUP BY h.hold",
		    &st) < 0)
		return -1;
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		struct hold_count *c = &counts[sqlite3_column_int64(st, 0)];
		c->messages += sqlite3_column_int64(st, 1);
		c->octets += sqlite3_column_int64(st, 2);
	}
	if (step != SQLITE_DONE)
		index_log_error(db, "cannot read the index");
	sqlite3_finalize(st);
	return step == SQLITE_DONE ? 0 : -1;
}

/* What prune was removing when it was stopped is not there to be held. */
static int
check_files(sqlite3 *db, const char *dir)
{
	sqlite3_stmt *st;
	int step, rc = 0;
	if (index_prepare(db,
		    "SELECT DISTINCT f.name FROM temp.held AS h JOIN message AS m ON m.n = h.n"
		    " JOIN frame AS r ON r.n = m.frame JOIN file AS f ON f.n = r.file",
		    &st) < 0)
		return -1;
	while (rc == 0 && (step = sqlite3_step(st)) == SQLITE_ROW) {
		char *path = xasprintf("%s/%.*s", dir, STR_ARG(index_text(st, 0)));
		rc = access(path, F_OK);
		if (rc < 0)
			log_error("%s: %s; if a prune was stopped, run mm-archive prune first",
				path, strerror(errno));
		free(path);
	}
	if (rc == 0 && step != SQLITE_DONE) {
		index_log_error(db, "cannot read the index");
		rc = -1;
	}
	sqlite3_finalize(st);
	return rc;
}

static int
find_ids(sqlite3 *db, const struct archive_hold *h, bool *found)
{
	sqlite3_stmt *st;
	int step = SQLITE_DONE;
	if (index_prepare(db, "SELECT 1 FROM message WHERE id = ?", &st) < 0)
		return -1;
	for (size_t i = 0; i < h->nids && step != SQLITE_ERROR; i++) {
		sqlite3_bind_text(st, 1, h->ids[i], -1, SQLITE_STATIC);
		step = sqlite3_step(st);
		found[i] = found[i] || step == SQLITE_ROW;
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
	return step == SQLITE_ROW || step == SQLITE_DONE ? 0 : -1;
}

static int
count_month(const struct mail_archive *a, struct month m, const struct archive_holds *h,
	struct hold_count *counts, bool *found)
{
	char *dir = mail_archive_path(a, m, NULL);
	sqlite3 *db;
	int rc = index_open_read(dir, a->keys, &db);
	if (rc == 1) {
		rc = archive_holds_mark(h, db, INT64_MAX);
		if (rc == 0)
			rc = add_counts(db, counts);
		if (rc == 0 && found)
			rc = find_ids(db, &h->list[0], found);
		if (rc == 0 && found)
			rc = check_files(db, dir);
		sqlite3_close(db);
	}
	free(dir);
	return rc;
}

int
hold_count(const struct mail_archive *a, const struct archive_holds *h,
	struct hold_count *counts, bool *found)
{
	struct month *months;
	size_t n;
	int rc = 0;
	memset(counts, 0, h->n * sizeof(*counts));
	if (h->n == 0)
		return 0;
	if (mail_archive_months(a, &months, &n) < 0) {
		log_error("cannot read %s: %s", a->dir, strerror(errno));
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (count_month(a, months[i], h, counts, found) < 0)
			rc = -1;
	free(months);
	return rc;
}
