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

void
lookup_release(struct lookup *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!l->months[i].db)
			continue;
		sqlite3_finalize(l->months[i].by_id);
		sqlite3_close(l->months[i].db);
		frame_reader_release(&l->months[i].frames);
	}
	free(l->months);
	*l = (struct lookup){0};
}

static int
open_month(struct lookup *l, struct lookup_month *m)
{
	char *dir = mail_archive_path(l->archive, m->month, NULL);
	int rc = index_open_read(dir, &m->db);
	m->opened = true;
	if (rc == 1) {
		frame_reader_init(&m->frames, dir);
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
