/* Which messages of a month are under a hold. */
#include <stdlib.h>
#include <string.h>

#include "archive_hold.h"
#include "archive_index.h"
#include "archive_query.h"
#include "archive_query_sql.h"
#include "mem.h"

struct question {
	struct query_sql condition;
	sqlite3_stmt *st;
};

static int
failed(sqlite3 *db)
{
	index_log_error(db, "cannot ask the index about holds");
	return -1;
}

/* Functions cannot be defined anew while a statement runs. */
static int
define_functions(const struct archive_hold *h, sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	if (!query_find(h->query, QUERY_IP))
		return 0;
	bool there =
		sqlite3_prepare_v2(db, "SELECT ip_within('', '')", -1, &st, NULL) == SQLITE_OK;
	sqlite3_finalize(st);
	return there || query_sql_functions(db, NULL) == 0 ? 0 : failed(db);
}

/* `sql`, with the parameters ?1 and ?2, and what the hold's query says.  Finish it in
 * either case. */
static int
start(struct question *q, const struct archive_hold *h, sqlite3 *db, const char *sql)
{
	struct buf text = {0};
	*q = (struct question){0};
	query_sql_build(&q->condition, h->query);
	buf_addf(&text, "%s AND (%.*s)", sql, STR_ARG(buf_str(&q->condition.text)));
	int rc = define_functions(h, db);
	if (rc == 0)
		rc = index_prepare(db, buf_cstr(&text), &q->st);
	if (rc == 0)
		query_sql_bind(&q->condition, q->st, 3);
	buf_release(&text);
	return rc;
}

static void
finish(struct question *q)
{
	sqlite3_finalize(q->st);
	query_sql_release(&q->condition);
}

static int
by_text(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static int
listed(const struct archive_hold *h, sqlite3 *db, int64_t n)
{
	sqlite3_stmt *st;
	int rc = 0;
	if (h->nids == 0)
		return 0;
	if (index_prepare(db, "SELECT id FROM message WHERE n = ?", &st) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, n);
	int step = sqlite3_step(st);
	if (step == SQLITE_ROW) {
		const char *id = (const char *)sqlite3_column_text(st, 0);
		rc = id && bsearch(&id, h->ids, h->nids, sizeof(char *), by_text);
	} else if (step != SQLITE_DONE) {
		rc = failed(db);
	}
	sqlite3_finalize(st);
	return rc;
}

static int
asked_for(const struct archive_hold *h, sqlite3 *db, int64_t n)
{
	struct question q;
	if (!h->query)
		return 0;
	int rc = start(&q, h, db, "SELECT ?2 FROM message AS m WHERE m.n = ?1");
	if (rc == 0) {
		sqlite3_bind_int64(q.st, 1, n);
		int step = sqlite3_step(q.st);
		rc = step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : failed(db);
	}
	finish(&q);
	return rc;
}

int
archive_hold_covers(const struct archive_hold *h, sqlite3 *db, int64_t n)
{
	int rc = listed(h, db, n);
	return rc ? rc : asked_for(h, db, n);
}

int
archive_holds_find(const struct archive_holds *h, sqlite3 *db, int64_t n, const char **name)
{
	int rc = 0;
	for (size_t i = 0; i < h->n && rc == 0; i++) {
		rc = archive_hold_covers(&h->list[i], db, n);
		*name = h->list[i].name;
	}
	return rc;
}

#define MARK "INSERT OR IGNORE INTO temp.held SELECT m.n, ?2 FROM message AS m"

static int
mark_listed(const struct archive_hold *h, size_t place, sqlite3 *db, int64_t until)
{
	sqlite3_stmt *st;
	int rc = 0;
	if (h->nids == 0)
		return 0;
	if (index_prepare(db, MARK " WHERE m.received <= ?1 AND m.id = ?3", &st) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, until);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)place);
	for (size_t i = 0; i < h->nids && rc == 0; i++) {
		sqlite3_bind_text(st, 3, h->ids[i], -1, SQLITE_STATIC);
		rc = sqlite3_step(st) == SQLITE_DONE ? 0 : failed(db);
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
	return rc;
}

static int
mark_asked_for(const struct archive_hold *h, size_t place, sqlite3 *db, int64_t until)
{
	struct question q;
	if (!h->query)
		return 0;
	int rc = start(&q, h, db, MARK " WHERE m.received <= ?1");
	if (rc == 0) {
		sqlite3_bind_int64(q.st, 1, until);
		sqlite3_bind_int64(q.st, 2, (sqlite3_int64)place);
		rc = sqlite3_step(q.st) == SQLITE_DONE ? 0 : failed(db);
	}
	finish(&q);
	return rc;
}

static int
mark_all(const struct archive_holds *h, sqlite3 *db, int64_t until)
{
	int rc = 0;
	for (size_t i = 0; i < h->n && rc == 0; i++) {
		rc = mark_listed(&h->list[i], i, db, until);
		if (rc == 0)
			rc = mark_asked_for(&h->list[i], i, db, until);
	}
	return rc;
}

static int
run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(db);
}

/* A savepoint, as the caller may be in a transaction. */
int
archive_holds_mark(const struct archive_holds *h, sqlite3 *db, int64_t until)
{
	if (run(db, "CREATE TEMP TABLE IF NOT EXISTS held(n INTEGER, hold INTEGER,"
		    " PRIMARY KEY(n, hold)) WITHOUT ROWID;"
		    "SAVEPOINT mark; DELETE FROM temp.held") < 0)
		return -1;
	int rc = mark_all(h, db, until);
	return run(db, "RELEASE mark") < 0 ? -1 : rc;
}

int
archive_holds_show(const struct archive_holds *h, sqlite3 *db, int64_t cutoff)
{
	if (archive_holds_mark(h, db, cutoff) < 0)
		return -1;
	char *condition = xasprintf(
		"received > %lld OR n IN (SELECT n FROM temp.held)", (long long)cutoff);
	int rc = index_narrow(db, condition);
	free(condition);
	return rc;
}
