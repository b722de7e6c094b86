#include "buf.h"
#include "lasting.h"
#include "store_sql.h"

static void
bind_str(sqlite3_stmt *st, int at, struct str v)
{
	if (v.p)
		sqlite3_bind_text64(st, at, v.p, v.n, SQLITE_STATIC, SQLITE_UTF8);
}

int
store_add(struct store *s, const struct record *r, int64_t now, bool *added)
{
	sqlite3_stmt *st = store_statement(s, SQL_ADD);
	if (!st)
		return -1;
	struct buf head = {0};
	lasting_fields(&head, r);
	bind_str(st, 1, record_get(r, "id"));
	sqlite3_bind_int64(st, 2, now);
	sqlite3_bind_int64(st, 3, (int64_t)r->body->n);
	sqlite3_bind_blob64(st, 4, head.p, head.n, SQLITE_STATIC);
	int rc = store_run(s, st, "store a record");
	sqlite3_clear_bindings(st);
	buf_release(&head);
	*added = rc == 0 && sqlite3_changes(s->db) == 1;
	return *added ? store_add_body(s, sqlite3_last_insert_rowid(s->db), r->body) : rc;
}

int
store_remove(struct store *s, int64_t seq)
{
	sqlite3_stmt *st = store_statement(s, SQL_REMOVE);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, seq);
	int rc = sqlite3_step(st);
	bool there = rc == SQLITE_ROW;
	int64_t file = there ? sqlite3_column_int64(st, 0) : 0;
	if (!there && rc != SQLITE_DONE)
		store_note(s, "remove a record");
	sqlite3_reset(st);
	if (!there)
		return rc == SQLITE_DONE ? 0 : -1;
	return file ? store_intake_less(s, file)
		    : store_run_on(s, SQL_REMOVE_BODY, seq, "remove a record");
}

int
store_defer(struct store *s, int64_t seq, const struct store_deferral *d)
{
	struct buf head = {0};
	sqlite3_stmt *st = store_statement(s, SQL_DEFER);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, seq);
	sqlite3_bind_int64(st, 2, d->next);
	sqlite3_bind_int64(st, 3, d->attempts);
	sqlite3_bind_int64(st, 4, d->deaths);
	sqlite3_bind_int(st, 5, d->poison ? HELD_POISON : HELD_NOT);
	if (d->progress) {
		lasting_fields(&head, d->progress);
		sqlite3_bind_blob64(st, 6, head.p, head.n, SQLITE_STATIC);
	}
	bind_str(st, 7, d->reply);
	int rc = store_run(s, st, "update a record");
	sqlite3_clear_bindings(st);
	buf_release(&head);
	return rc;
}

static int
change_id(struct store *s, enum statement which, struct str id, int64_t now, int *changed)
{
	sqlite3_stmt *st = store_statement(s, which);
	if (!st)
		return -1;
	bind_str(st, 1, id);
	if (sqlite3_bind_parameter_count(st) > 1)
		sqlite3_bind_int64(st, 2, now);
	int rc = store_run(s, st, "update a record");
	*changed = rc == 0 ? sqlite3_changes(s->db) : 0;
	return rc;
}

int
store_hold_id(struct store *s, struct str id, int *changed)
{
	return change_id(s, SQL_HOLD_ID, id, 0, changed);
}

int
store_retry_id(struct store *s, struct str id, int64_t now, int *changed)
{
	return change_id(s, SQL_RETRY_ID, id, now, changed);
}

int
store_release_id(struct store *s, struct str id, int64_t now, int *changed)
{
	return change_id(s, SQL_RELEASE_ID, id, now, changed);
}

int
store_retry_all(struct store *s, int64_t now, int *changed)
{
	sqlite3_stmt *st = store_statement(s, SQL_RETRY_ALL);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, now);
	int rc = store_run(s, st, "update the records");
	*changed = rc == 0 ? sqlite3_changes(s->db) : 0;
	return rc;
}

int
store_remove_id(struct store *s, struct str id, int *changed)
{
	sqlite3_stmt *st = store_statement(s, SQL_SEQ_OF_ID);
	if (!st)
		return -1;
	bind_str(st, 1, id);
	int rc = sqlite3_step(st);
	int64_t seq = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		store_note(s, "find a record");
	sqlite3_reset(st);
	*changed = rc == SQLITE_ROW;
	if (rc == SQLITE_DONE)
		return 0;
	return rc == SQLITE_ROW ? store_remove(s, seq) : -1;
}
