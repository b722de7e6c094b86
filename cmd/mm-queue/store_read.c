#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_sql.h"

/* Our own lines, written by store.c: split without checking again. */
static struct record *
parse_head(struct str head)
{
	struct record *r = record_new();
	while (head.n > 0) {
		struct str line = str_cut(&head, '\n');
		const char *colon = memchr(line.p, ':', line.n);
		if (colon && (size_t)(colon - line.p) + 2 <= line.n)
			record_adopt_line(r, line, (size_t)(colon - line.p));
	}
	return r;
}

struct str
store_column(sqlite3_stmt *st, int i)
{
	const char *p = sqlite3_column_blob(st, i);
	size_t n = (size_t)sqlite3_column_bytes(st, i);
	if (sqlite3_column_type(st, i) == SQLITE_NULL)
		return STR_NONE;
	return str_n(p ? p : "", n);
}

static bool
give_row(sqlite3_stmt *st, store_each *each, void *arg)
{
	struct store_row row = {
		.seq = sqlite3_column_int64(st, 0),
		.queued = sqlite3_column_int64(st, 1),
		.next = sqlite3_column_type(st, 2) == SQLITE_NULL ? STORE_NEVER_TRIED
								  : sqlite3_column_int64(st, 2),
		.held = (enum store_held)sqlite3_column_int(st, 3),
		.attempts = (unsigned)sqlite3_column_int64(st, 4),
		.deaths = (unsigned)sqlite3_column_int64(st, 5),
		.size = (size_t)sqlite3_column_int64(st, 6),
		.reply = store_column(st, 7),
		.rec = parse_head(store_column(st, 8)),
	};
	bool more = each(arg, &row);
	record_free(row.rec);
	return more;
}

/* Rows given, or -1.  The statement is reset at once: an open reader would keep
 * the log from being taken back into the file. */
static int
each_row(struct store *s, sqlite3_stmt *st, store_each *each, void *arg)
{
	int rc, count = 0;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		count++;
		if (!give_row(st, each, arg)) {
			rc = SQLITE_DONE;
			break;
		}
	}
	if (rc != SQLITE_DONE)
		store_note(s, "read the queue");
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? count : -1;
}

int
store_each_new(struct store *s, int64_t seq, store_each *each, void *arg)
{
	sqlite3_stmt *st = store_statement(s, SQL_NEW);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, seq);
	return each_row(s, st, each, arg) < 0 ? -1 : 0;
}

int
store_each_due(
	struct store *s, int64_t now, int64_t next, int64_t seq, store_each *each, void *arg)
{
	sqlite3_stmt *st = store_statement(s, SQL_DUE);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, now);
	sqlite3_bind_int64(st, 2, next);
	sqlite3_bind_int64(st, 3, seq);
	return each_row(s, st, each, arg) < 0 ? -1 : 0;
}

int
store_each_row(struct store *s, int64_t seq, size_t limit, store_each *each, void *arg)
{
	sqlite3_stmt *st = store_statement(s, SQL_ROWS);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, seq);
	sqlite3_bind_int64(st, 2, (int64_t)limit);
	return each_row(s, st, each, arg) < 0 ? -1 : 0;
}

int
store_find(struct store *s, struct str id, store_each *each, void *arg)
{
	sqlite3_stmt *st = store_statement(s, SQL_BY_ID);
	if (!st)
		return -1;
	sqlite3_bind_text64(st, 1, id.p, id.n, SQLITE_STATIC, SQLITE_UTF8);
	return each_row(s, st, each, arg);
}

int
store_get(struct store *s, int64_t seq, store_each *each, void *arg)
{
	sqlite3_stmt *st = store_statement(s, SQL_BY_SEQ);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, seq);
	return each_row(s, st, each, arg);
}

int
store_any_sparse(struct store *s)
{
	sqlite3_stmt *st = store_statement(s, SQL_ANY_SPARSE);
	if (!st)
		return -1;
	int rc = sqlite3_step(st), any = rc == SQLITE_ROW ? sqlite3_column_int(st, 0) : -1;
	if (rc != SQLITE_ROW)
		store_note(s, "read the queue");
	sqlite3_reset(st);
	return any;
}

int
store_each_sparse(struct store *s, size_t limit, store_each *each, void *arg)
{
	sqlite3_stmt *st = store_statement(s, SQL_SPARSE);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, (int64_t)limit);
	return each_row(s, st, each, arg) < 0 ? -1 : 0;
}

int
store_next_due(struct store *s, int64_t after, int64_t *next)
{
	sqlite3_stmt *st = store_statement(s, SQL_NEXT_DUE);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, after);
	int rc = sqlite3_step(st);
	*next = rc == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL
			? sqlite3_column_int64(st, 0)
			: -1;
	if (rc != SQLITE_ROW)
		store_note(s, "read the queue");
	sqlite3_reset(st);
	return rc == SQLITE_ROW ? 0 : -1;
}

int
store_stat(struct store *s, struct store_stat *out)
{
	sqlite3_stmt *st = store_statement(s, SQL_STAT);
	if (!st)
		return -1;
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*out = (struct store_stat){
			.messages = sqlite3_column_int64(st, 0),
			.octets = sqlite3_column_int64(st, 1),
			.fresh = sqlite3_column_int64(st, 2),
			.deferred = sqlite3_column_int64(st, 3),
			.held = sqlite3_column_int64(st, 4),
			.oldest = sqlite3_column_type(st, 5) == SQLITE_NULL
					  ? -1
					  : sqlite3_column_int64(st, 5),
		};
	else
		store_note(s, "read the queue");
	sqlite3_reset(st);
	return rc == SQLITE_ROW ? 0 : -1;
}
