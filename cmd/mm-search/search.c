#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mem.h"
#include "query_sql.h"
#include "search.h"

struct place {
	const struct mail_archive *archive;
	struct month month;
	int64_t cutoff;
};

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

/* The months in which something can match. */
static struct place *
find_places(struct search *s, size_t *count)
{
	struct place *places = NULL;
	size_t cap = 0, n;
	int64_t min = INT64_MIN, max = INT64_MAX;
	struct month *months;
	query_bounds(s->query, &min, &max);
	*count = 0;
	for (size_t i = 0; i < s->narchives; i++) {
		const struct mail_archive *a = &s->archives[i];
		int64_t cutoff = retention_cutoff(&a->retention, s->now);
		if (mail_archive_months(a, &months, &n) < 0) {
			log_error("cannot read %s: %s", a->dir, strerror(errno));
			s->failed = true;
			continue;
		}
		for (size_t k = 0; k < n; k++) {
			if (month_end(months[k]) <= cutoff || month_end(months[k]) < min ||
				month_start(months[k]) > max)
				continue;
			places = xgrow(places, &cap, *count + 1, sizeof(*places));
			places[(*count)++] = (struct place){a, months[k], cutoff};
		}
		free(months);
	}
	if (*count)
		qsort(places, *count, sizeof(*places), newest_first);
	return places;
}

static sqlite3_stmt *
prepare(sqlite3 *db, const struct query_sql *condition, bool count)
{
	sqlite3_stmt *st = NULL;
	char *sql = xasprintf("SELECT %s FROM %s WHERE m.received > ? AND %.*s %s",
		count ? "count(*)" : INDEX_ROW, count ? "message AS m" : INDEX_TABLES,
		STR_ARG(buf_str(&condition->text)),
		count ? "" : "ORDER BY m.received DESC, m.n DESC");
	if (query_sql_functions(db) < 0 || index_prepare(db, sql, &st) < 0)
		st = NULL;
	free(sql);
	return st;
}

static bool
enough(const struct search *s)
{
	return (s->limit >= 0 && s->found >= s->limit) || ferror(stdout);
}

static void
take_rows(
	struct search *s, const struct place *p, sqlite3 *db, sqlite3_stmt *st, const char *dir)
{
	struct frame_reader frames;
	struct archive_row row;
	int rc = SQLITE_DONE;
	frame_reader_init(&frames, dir);
	while (!enough(s) && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (!s->output) {
			s->found += sqlite3_column_int64(st, 0);
			if (s->limit >= 0 && s->found > s->limit)
				s->found = s->limit;
			continue;
		}
		index_row(st, &row);
		struct result r = {p->archive, &row, db, &frames};
		if (s->output(&r) < 0)
			s->failed = true;
		else
			s->found++;
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
		index_log_error(db, "cannot search the index");
		s->failed = true;
	}
	frame_reader_release(&frames);
}

static void
search_month(struct search *s, const struct place *p, const struct query_sql *condition)
{
	char *dir = mail_archive_path(p->archive, p->month, NULL);
	sqlite3 *db;
	int rc = index_open_read(dir, &db);
	if (rc == 1) {
		sqlite3_stmt *st = prepare(db, condition, s->output == NULL);
		if (st) {
			sqlite3_bind_int64(st, 1, p->cutoff);
			query_sql_bind(condition, st, 2);
			take_rows(s, p, db, st, dir);
		} else {
			rc = -1;
		}
		sqlite3_finalize(st);
		sqlite3_close(db);
	}
	s->failed = s->failed || rc < 0;
	free(dir);
}

void
search_run(struct search *s)
{
	struct query_sql condition;
	size_t n;
	struct place *places = find_places(s, &n);
	query_sql_build(&condition, s->query);
	for (size_t i = 0; i < n && !enough(s); i++) {
		search_month(s, &places[i], &condition);
		fflush(stdout);
	}
	query_sql_release(&condition);
	free(places);
}
