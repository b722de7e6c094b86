/* Files of DIR/intake whose records are gone give their space back; what is left in a
 * file for long, because it waits or is held, moves into the database. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intake_read.h"
#include "log.h"
#include "mem.h"
#include "store_sql.h"

#define KEEP_EMPTY 4    /* files, for writers to come */
#define MOVE_AT_ONCE 64 /* messages a transaction */

struct done_file {
	int64_t n;
	off_t absorbed;
	char *name;
};

/* Emptied, it has another salt by then, and is a file that nothing is known of. */
static int
forget_file(struct store *s, int64_t n)
{
	if (store_begin_unsynced(s) < 0)
		return -1;
	if (store_run_on(s, SQL_INTAKE_FORGET, n, "forget a file of the intake") == 0)
		return store_commit(s);
	store_rollback(s);
	return -1;
}

static int
discard(struct store *s, const struct done_file *d, enum store_left *left)
{
	struct intake_source in;
	if (intake_source_open(&in, s->dir, d->name) < 0)
		return errno == ENOENT ? forget_file(s, d->n) : 0;
	int rc = 0;
	if (!in.ours || in.size != d->absorbed) {
		*left = LEFT_TO_OTHERS;
	} else {
		if (intake_source_discard(&in, s->dir, d->name) < 0)
			log_warn("%s/intake: cannot clear %s away: %s", s->dir, d->name,
				strerror(errno));
		else
			rc = forget_file(s, d->n);
	}
	intake_source_close(&in);
	return rc;
}

/* One at a time, for a statement must not be open while others write. */
static int
next_done(struct store *s, int64_t behind, struct done_file *d)
{
	sqlite3_stmt *st = store_statement(s, SQL_INTAKE_DONE);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, behind);
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*d = (struct done_file){sqlite3_column_int64(st, 0),
			(off_t)sqlite3_column_int64(st, 1),
			xstrdup((const char *)sqlite3_column_text(st, 2))};
	else if (rc != SQLITE_DONE)
		store_note(s, "read the queue");
	sqlite3_reset(st);
	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : -1;
}

static int
discard_done(struct store *s, enum store_left *left)
{
	struct done_file d = {0};
	int rc;
	while ((rc = next_done(s, d.n, &d)) > 0) {
		rc = discard(s, &d, left);
		free(d.name);
		if (rc < 0)
			break;
	}
	return rc;
}

struct moving {
	struct store *store;
	int moved;
	bool failed;
};

static bool
move_row(void *arg, struct store_row *row)
{
	struct moving *m = arg;
	if (store_load_body(m->store, row->seq, row->size, row->rec) < 0) {
		log_error(
			"%.*s: %s", STR_ARG(record_get(row->rec, "id")), store_error(m->store));
		return true;
	}
	m->failed = store_take_body(m->store, row->seq, row->rec->body) < 0;
	m->moved += !m->failed;
	return !m->failed;
}

/* The commit is a synchronous one: after it the file may go. */
static int
move_some(struct store *s, bool *more)
{
	struct moving m = {.store = s};
	if (store_begin(s) < 0)
		return -1;
	if (store_each_sparse(s, MOVE_AT_ONCE, move_row, &m) < 0 || m.failed) {
		store_rollback(s);
		return -1;
	}
	*more = m.moved == MOVE_AT_ONCE;
	return store_commit(s);
}

int
store_tidy(struct store *s, enum store_left *left)
{
	bool more = false;
	*left = LEFT_NOTHING;
	int sparse = store_any_sparse(s);
	if (sparse < 0 || (sparse > 0 && move_some(s, &more) < 0))
		return -1;
	int rc = discard_done(s, left);
	intake_trim(s->dir, KEEP_EMPTY);
	if (more)
		*left = LEFT_MORE;
	return rc;
}
