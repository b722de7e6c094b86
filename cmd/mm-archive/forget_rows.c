/* The index's rows of a file that was written anew. */
#include <stdlib.h>

#include "archive_index.h"
#include "forget_file_impl.h"
#include "gone.h"
#include "log.h"

static int
failed(struct month_index *x)
{
	index_log_error(x->db, "cannot write to the index");
	return -1;
}

/* Runs a statement with numbers. */
static int
step_once(struct month_index *x, const char *sql, const int64_t *values, int n)
{
	sqlite3_stmt *st;
	if (index_prepare(x->db, sql, &st) < 0)
		return -1;
	for (int i = 0; i < n; i++)
		sqlite3_bind_int64(st, i + 1, values[i]);
	int rc = sqlite3_step(st);
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : failed(x);
}

static int
move_frames(struct forget_file *f, struct month_index *x, int64_t file)
{
	sqlite3_stmt *st;
	int rc = SQLITE_DONE;
	if (index_prepare(x->db,
		    "UPDATE frame SET file = ?, offset = ?, length = ?, raw = ?, sha256 = ?"
		    " WHERE n = ?",
		    &st) < 0)
		return -1;
	for (size_t i = 0; rc == SQLITE_DONE && i < f->nframes; i++) {
		const struct index_frame *is = &f->to.frames[f->frames[i].place];
		sqlite3_bind_int64(st, 1, file);
		sqlite3_bind_int64(st, 2, (sqlite3_int64)is->offset);
		sqlite3_bind_int64(st, 3, (sqlite3_int64)is->length);
		sqlite3_bind_int64(st, 4, (sqlite3_int64)is->raw);
		sqlite3_bind_blob(st, 5, is->sha256, sizeof(is->sha256), SQLITE_STATIC);
		sqlite3_bind_int64(st, 6, f->frames[i].row);
		rc = sqlite3_step(st);
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : failed(x);
}

/* Fills temp.forget_frames with the frames that were packed anew and what is left of the old
 * file's. */
static int
mark_frames(struct forget_file *f, struct month_index *x, int64_t old)
{
	if (sqlite3_exec(x->db,
		    "CREATE TEMP TABLE IF NOT EXISTS forget_frames(n INTEGER PRIMARY KEY);"
		    "DELETE FROM temp.forget_frames",
		    NULL, NULL, NULL) != SQLITE_OK)
		return failed(x);
	for (size_t i = 0; i < f->nframes; i++)
		if (f->frames[i].affected &&
			step_once(x, "INSERT INTO temp.forget_frames(n) VALUES (?)",
				&f->frames[i].row, 1) < 0)
			return -1;
	return step_once(x,
		"INSERT INTO temp.forget_frames(n) SELECT n FROM frame WHERE file = ?", &old,
		1);
}

/* In one pass: messages have no index by their frames. */
static int
count_messages(struct month_index *x, int64_t *n)
{
	sqlite3_stmt *st;
	if (index_prepare(x->db,
		    "SELECT count(*) FROM message WHERE frame IN"
		    " (SELECT n FROM temp.forget_frames)",
		    &st) < 0)
		return -1;
	int rc = sqlite3_step(st);
	*n = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? 0 : failed(x);
}

/* Is there a message of the old file's that is not in the new one? */
static int
check(struct forget_file *f, struct month_index *x, int64_t old, int64_t moved)
{
	int64_t expected;
	if (mark_frames(f, x, old) < 0 || count_messages(x, &expected) < 0)
		return -1;
	if (expected == moved)
		return 0;
	log_error("%s/%s does not hold the messages that the index says; mm-archive verify "
		  "tells which",
		f->to.dir, f->name);
	return -1;
}

/* Entries of a message that the index has elsewhere change nothing. */
static int
move_messages(struct forget_file *f, struct month_index *x, int64_t *moved)
{
	sqlite3_stmt *st;
	int rc = SQLITE_DONE;
	if (index_prepare(x->db,
		    "UPDATE message SET head_at = ?, at = ? WHERE id = ? AND frame = ?"
		    " AND at = ?",
		    &st) < 0)
		return -1;
	for (size_t i = 0; rc == SQLITE_DONE && i < f->nmoves; i++) {
		const struct forget_move *m = &f->moves[i];
		sqlite3_bind_int64(st, 1, (sqlite3_int64)m->head_at);
		sqlite3_bind_int64(st, 2, (sqlite3_int64)m->at);
		sqlite3_bind_text(st, 3, m->id, -1, SQLITE_STATIC);
		sqlite3_bind_int64(st, 4, m->frame);
		sqlite3_bind_int64(st, 5, (sqlite3_int64)m->from);
		rc = sqlite3_step(st);
		*moved += sqlite3_changes(x->db);
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : failed(x);
}

int
forget_file_rows(struct forget_file *f, struct month_index *x)
{
	int64_t old, file = 0, moved = 0;
	uint64_t end;
	if (month_index_file(x, f->name, &old, &end) != 1)
		return -1;
	if (f->to.nframes && ((file = month_index_add_file(x, f->to.name)) < 0 ||
				     gone_remove(x, f->to.name) < 0))
		return -1;
	if (move_frames(f, x, file) < 0 || move_messages(f, x, &moved) < 0 ||
		check(f, x, old, moved) < 0)
		return -1;
	if (step_once(x, "DELETE FROM frame WHERE file = ?", &old, 1) < 0 ||
		step_once(x, "DELETE FROM file WHERE n = ?", &old, 1) < 0)
		return -1;
	return gone_add(x, f->name, f->to.nframes ? f->to.name : NULL, end);
}
