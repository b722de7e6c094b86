#include <stdlib.h>

#include "earlier.h"

#define YOUNG_DAYS 7 /* nobody tries for longer */
#define DAY_MS (24 * 3600 * INT64_C(1000))

void
earlier_release(struct earlier *e)
{
	sqlite3_finalize(e->by_id);
	sqlite3_close(e->db);
	*e = (struct earlier){0};
}

static void
open_month(struct earlier *e, const struct mail_archive *a, struct month m)
{
	if (e->month.year == m.year && e->month.month == m.month)
		return;
	earlier_release(e);
	char *dir = mail_archive_path(a, m, NULL);
	int rc = index_open_read(dir, a->keys, &e->db);
	if (rc == 1)
		(void)index_prepare(
			e->db, "SELECT received FROM message WHERE id = ?", &e->by_id);
	else if (rc == 0)
		m = (struct month){0}; /* it may come to be */
	e->month = m;
	free(dir);
}

void
earlier_received(
	struct earlier *e, const struct mail_archive *a, struct str id, int64_t *received)
{
	int day;
	struct month before = month_of(*received - YOUNG_DAYS * DAY_MS, NULL);
	(void)month_of(*received, &day);
	if (day > YOUNG_DAYS)
		return;
	open_month(e, a, before);
	if (!e->by_id)
		return;
	sqlite3_bind_text(e->by_id, 1, id.p, (int)id.n, SQLITE_STATIC);
	if (sqlite3_step(e->by_id) == SQLITE_ROW)
		*received = sqlite3_column_int64(e->by_id, 0);
	sqlite3_reset(e->by_id);
}
