#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "lookup.h"
#include "mem.h"

int
lookup_init(struct lookup *l, const struct mail_archive *a, int64_t now)
{
	struct month *months;
	*l = (struct lookup){.archive = a, .cutoff = retention_cutoff(&a->retention, now)};
	if (mail_archive_months(a, &months, &l->n) < 0) {
		log_error("cannot read %s: %s", a->dir, strerror(errno));
		return -1;
	}
	l->months = xcalloc(l->n + 1, sizeof(*l->months));
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
	*m = (struct lookup_month){.month = m->month};
}

void
lookup_release(struct lookup *l)
{
	for (size_t i = 0; i < l->n; i++)
		close_month(&l->months[i]);
	free(l->months);
	*l = (struct lookup){0};
}

static int
open_month(struct lookup *l, struct lookup_month *m)
{
	char *dir = mail_archive_path(l->archive, m->month, NULL);
	int rc = index_open_read(dir, l->archive->keys, &m->db);
	m->opened = true;
	if (rc == 1) {
		frame_reader_init(&m->frames, dir, l->archive->keys);
		rc = index_prepare(m->db,
			"SELECT " INDEX_ROW " FROM " INDEX_TABLES
			" WHERE m.id = ? AND m.received > ?",
			&m->by_id);
	}
	free(dir);
	return rc < 0 ? -1 : 0;
}

static int
find_in(struct lookup *l, struct lookup_month *m, struct str id, struct archive_row *row)
{
	if (!m->opened && open_month(l, m) < 0)
		return -1;
	if (!m->db || month_end(m->month) <= l->cutoff)
		return 0;
	sqlite3_reset(m->by_id);
	sqlite3_bind_text(m->by_id, 1, id.p, (int)id.n, SQLITE_TRANSIENT);
	sqlite3_bind_int64(m->by_id, 2, l->cutoff);
	int rc = sqlite3_step(m->by_id);
	if (rc == SQLITE_ROW) {
		index_row(m->by_id, row);
		return 1;
	}
	if (rc == SQLITE_DONE)
		return 0;
	index_log_error(m->db, "cannot read the index");
	return -1;
}

int
lookup_find(
	struct lookup *l, struct str id, struct archive_row *row, struct lookup_month **month)
{
	bool failed = false;
	for (size_t i = 0; i < l->n; i++) {
		*month = &l->months[i];
		int rc = find_in(l, *month, id, row);
		if (rc > 0)
			return 1;
		failed = failed || rc < 0;
	}
	return failed ? -1 : 0;
}

static int
range_in(struct lookup *l, struct lookup_month *m, int64_t since, int64_t until,
	lookup_each *each, void *arg)
{
	sqlite3_stmt *st;
	int rc = 0, step = SQLITE_DONE;
	if (!m->opened && open_month(l, m) < 0)
		return -1;
	if (!m->db)
		return 0;
	if (index_prepare(m->db,
		    "SELECT " INDEX_ROW " FROM " INDEX_TABLES
		    " WHERE m.received > ? AND m.received >= ? AND m.received < ?"
		    " ORDER BY f.name, r.offset, m.at",
		    &st) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, l->cutoff);
	sqlite3_bind_int64(st, 2, since);
	sqlite3_bind_int64(st, 3, until);
	while (rc == 0 && (step = sqlite3_step(st)) == SQLITE_ROW) {
		struct archive_row row;
		index_row(st, &row);
		rc = each(arg, m, &row);
	}
	if (rc == 0 && step != SQLITE_DONE) {
		index_log_error(m->db, "cannot read the index");
		rc = -1;
	}
	sqlite3_finalize(st);
	return rc;
}

int
lookup_range(struct lookup *l, int64_t since, int64_t until, lookup_each *each, void *arg)
{
	int rc = 0;
	for (size_t i = l->n; i > 0 && rc == 0; i--) {
		struct lookup_month *m = &l->months[i - 1];
		if (month_end(m->month) <= l->cutoff || month_end(m->month) < since ||
			month_start(m->month) >= until)
			continue;
		rc = range_in(l, m, since, until, each, arg);
		close_month(m);
	}
	return rc;
}
