#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "archive_query_sql.h"
#include "descriptors.h"
#include "log.h"
#include "lookup.h"
#include "mem.h"

/* All months may be open at once: of each the index, its -wal, its -shm. */
#define FILES 3
#define CACHE_KIB (64 << 10) /* of their pages, together */

int
lookup_init(struct lookup *l, const struct mail_archive *a, int64_t now)
{
	struct month *months;
	*l = (struct lookup){.archive = a, .cutoff = retention_cutoff(&a->retention, now)};
	if (!(l->holds = archive_holds_load(a->dir)))
		return -1;
	if (mail_archive_months(a, &months, &l->n) < 0) {
		log_error("cannot read %s: %s", a->dir, strerror(errno));
		return -1;
	}
	l->months = xcalloc(l->n + 1, sizeof(*l->months));
	(void)descriptors_allow(FILES * l->n + 64);
	for (size_t i = 0; i < l->n; i++)
		l->months[i].month = months[i];
	free(months);
	return 0;
}

static void
close_month(struct lookup_month *m)
{
	if (!m->db)
		return;
	sqlite3_finalize(m->by_id);
	sqlite3_close(m->db);
	frame_reader_release(&m->frames);
	buf_release(&m->text);
	*m = (struct lookup_month){.month = m->month};
}

void
lookup_release(struct lookup *l)
{
	for (size_t i = 0; i < l->n; i++)
		close_month(&l->months[i]);
	free(l->months);
	archive_holds_free(l->holds);
	*l = (struct lookup){0};
}

/* Leaves what is shown. */
static int
narrow(const struct lookup *l, struct lookup_month *m)
{
	if (month_start(m->month) > l->cutoff)
		return 0;
	return archive_holds_show(l->holds, m->db, l->cutoff);
}

/* Is there nothing to be shown of it? */
static bool
is_over(const struct lookup *l, const struct lookup_month *m)
{
	return month_end(m->month) <= l->cutoff && archive_holds_count(l->holds) == 0;
}

static int
bound_cache(const struct lookup *l, sqlite3 *db)
{
	char *sql = xasprintf("PRAGMA cache_size = -%zu", CACHE_KIB / l->n + 64);
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	free(sql);
	return rc == SQLITE_OK ? 0 : -1;
}

static int
open_month(struct lookup *l, struct lookup_month *m)
{
	char *dir = mail_archive_path(l->archive, m->month, NULL);
	int rc = index_open_read(dir, l->archive->keys, &m->db);
	m->opened = true;
	if (rc == 1) {
		frame_reader_init(&m->frames, dir, l->archive->keys);
		rc = bound_cache(l, m->db) < 0 ? -1 : narrow(l, m);
		if (rc == 0)
			rc = index_prepare(m->db,
				"SELECT " INDEX_ROW " FROM " INDEX_TABLES " WHERE m.id = ?",
				&m->by_id);
	}
	free(dir);
	m->failed = rc < 0;
	return rc < 0 ? -1 : 0;
}

static void
keep(struct buf *text, struct str *view)
{
	size_t at = text->n;
	buf_adds(text, *view);
	*view = str_n(text->p + at, view->n);
}

/* The row that a statement gives, without its views into it: nothing of the index is held
 * while somebody reads the message.  1, 0 when there is none, -1 after the reason was logged.
 */
static int
take_row(struct lookup_month *m, sqlite3_stmt *st, struct archive_row *row)
{
	int step = sqlite3_step(st);
	if (step == SQLITE_ROW) {
		index_row(st, row);
		buf_reset(&m->text);
		buf_reserve(
			&m->text, row->id.n + row->file.n + row->sender.n + row->subject.n + 1);
		keep(&m->text, &row->id);
		keep(&m->text, &row->file);
		keep(&m->text, &row->sender);
		keep(&m->text, &row->subject);
	} else if (step != SQLITE_DONE) {
		index_log_error(m->db, "cannot read the index");
	}
	sqlite3_reset(st);
	return step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : -1;
}

static int
find_in(struct lookup *l, struct lookup_month *m, struct str id, struct archive_row *row)
{
	if (is_over(l, m))
		return 0;
	if (m->failed || (!m->opened && open_month(l, m) < 0))
		return -1;
	if (!m->db)
		return 0;
	sqlite3_bind_text(m->by_id, 1, id.p, (int)id.n, SQLITE_TRANSIENT);
	return take_row(m, m->by_id, row);
}

/* Only the month that was read last has a file open, and a frame of it. */
static void
found_in(struct lookup *l, struct lookup_month *m)
{
	if (l->last && l->last != m && l->last->db)
		frame_reader_rest(&l->last->frames);
	l->last = m;
}

int
lookup_find(
	struct lookup *l, struct str id, struct archive_row *row, struct lookup_month **month)
{
	bool failed = false;
	for (size_t i = 0; i < l->n; i++) {
		*month = &l->months[i];
		int rc = find_in(l, *month, id, row);
		if (rc > 0) {
			found_in(l, *month);
			return 1;
		}
		failed = failed || rc < 0;
	}
	return failed ? -1 : 0;
}

/* Every message whose number the statement gives; it is finalized.  What has gone
 * meanwhile is passed over. */
static int
each_row(struct lookup_month *m, sqlite3_stmt *st, lookup_each *each, void *arg)
{
	int64_t *list;
	size_t n;
	sqlite3_stmt *one = NULL;
	struct archive_row row;
	int rc = index_numbers(st, &list, &n);
	if (rc == 0)
		rc = index_prepare(m->db,
			"SELECT " INDEX_ROW " FROM " INDEX_TABLES " WHERE m.n = ?", &one);
	for (size_t i = 0; i < n && rc == 0; i++) {
		sqlite3_bind_int64(one, 1, list[i]);
		rc = take_row(m, one, &row);
		if (rc > 0)
			rc = each(arg, m, &row);
	}
	sqlite3_finalize(one);
	free(list);
	return rc;
}

#define AS_THEY_LIE " ORDER BY f.name, r.offset, m.at"

static int
range_in(struct lookup *l, struct lookup_month *m, int64_t since, int64_t until,
	lookup_each *each, void *arg)
{
	sqlite3_stmt *st;
	if (!m->opened && open_month(l, m) < 0)
		return -1;
	if (!m->db)
		return 0;
	if (index_prepare(m->db,
		    "SELECT m.n FROM " INDEX_TABLES
		    " WHERE m.received >= ? AND m.received < ?" AS_THEY_LIE,
		    &st) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, since);
	sqlite3_bind_int64(st, 2, until);
	return each_row(m, st, each, arg);
}

int
lookup_range(struct lookup *l, int64_t since, int64_t until, lookup_each *each, void *arg)
{
	int rc = 0;
	for (size_t i = l->n; i > 0 && rc == 0; i--) {
		struct lookup_month *m = &l->months[i - 1];
		if (is_over(l, m) || month_end(m->month) < since ||
			month_start(m->month) >= until)
			continue;
		rc = range_in(l, m, since, until, each, arg);
		close_month(m);
	}
	return rc;
}

static int
query_in(struct lookup *l, struct lookup_month *m, const struct query_sql *condition,
	lookup_each *each, void *arg)
{
	sqlite3_stmt *st = NULL;
	struct buf sql = {0};
	if (!m->opened && open_month(l, m) < 0)
		return -1;
	if (!m->db)
		return 0;
	buf_addf(&sql,
		"SELECT m.n FROM " INDEX_TABLES " WHERE ?1 <> " QUERY_SQL_ARCHIVE
		" AND (%.*s)" AS_THEY_LIE,
		STR_ARG(buf_str(&condition->text)));
	int rc = query_sql_functions(m->db, &m->frames);
	if (rc == 0)
		rc = index_prepare(m->db, buf_cstr(&sql), &st);
	buf_release(&sql);
	if (rc != 0)
		return -1;
	sqlite3_bind_text(st, 1, "", -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 2, l->archive->name, -1, SQLITE_STATIC);
	query_sql_bind(condition, st, 3);
	return each_row(m, st, each, arg);
}

int
lookup_query(struct lookup *l, const struct query *q, lookup_each *each, void *arg)
{
	struct query_sql condition;
	int rc = 0;
	query_sql_build(&condition, q);
	for (size_t i = l->n; i > 0 && rc == 0; i--) {
		struct lookup_month *m = &l->months[i - 1];
		if (is_over(l, m) || !query_can_match(q, l->archive->name,
					     month_start(m->month), month_end(m->month)))
			continue;
		rc = query_in(l, m, &condition, each, arg);
		close_month(m);
	}
	query_sql_release(&condition);
	return rc;
}
