#include "buf.h"
#include "store_sql.h"

#define LARGE_BODY 1048576 /* octets; from here on written in pieces */

/* Fields of a caller, or of an attempt: they are not the message's. */
static bool
is_transient(struct str name)
{
	static const struct str names[] = {
		STR("tag"), STR("status"), STR("reply"), STR("queued"), STR("attempt")};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

static void
lasting_fields(struct buf *b, const struct record *r)
{
	for (size_t i = 0; i < r->nfields; i++) {
		if (is_transient(record_name_at(r, i)))
			continue;
		buf_adds(b, record_name_at(r, i));
		buf_add(b, ": ", 2);
		buf_adds(b, record_value_at(r, i));
		buf_addc(b, '\n');
	}
}

static int
write_large_body(struct store *s, int64_t seq, const struct blob *body)
{
	sqlite3_stmt *st = store_statement(s, SQL_ADD_BODY);
	sqlite3_blob *out = NULL;
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, seq);
	sqlite3_bind_zeroblob64(st, 2, body->n);
	if (store_run(s, st, "store a message") < 0)
		return -1;
	int rc = sqlite3_blob_open(s->db, "main", "body", "octets", seq, 1, &out);
	for (size_t at = 0; rc == SQLITE_OK && at < body->n; at += STORE_CHUNK) {
		size_t n = body->n - at < STORE_CHUNK ? body->n - at : STORE_CHUNK;
		rc = sqlite3_blob_write(out, body->p + at, (int)n, (int)at);
	}
	if (rc != SQLITE_OK)
		store_note(s, "store a message");
	sqlite3_blob_close(out);
	return rc == SQLITE_OK ? 0 : -1;
}

static int
add_body(struct store *s, int64_t seq, const struct blob *body)
{
	if (body->n == 0)
		return 0;
	if (body->n >= LARGE_BODY)
		return write_large_body(s, seq, body);
	sqlite3_stmt *st = store_statement(s, SQL_ADD_BODY);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, seq);
	sqlite3_bind_blob64(st, 2, body->p, body->n, SQLITE_STATIC);
	return store_run(s, st, "store a message");
}

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
	return *added ? add_body(s, sqlite3_last_insert_rowid(s->db), r->body) : rc;
}

int
store_remove(struct store *s, int64_t seq)
{
	static const enum statement both[] = {SQL_REMOVE, SQL_REMOVE_BODY};
	for (size_t i = 0; i < 2; i++) {
		sqlite3_stmt *st = store_statement(s, both[i]);
		if (!st)
			return -1;
		sqlite3_bind_int64(st, 1, seq);
		if (store_run(s, st, "remove a record") < 0)
			return -1;
	}
	return 0;
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
