/* The messages themselves: in the intake, where add has put them, or in the database. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intake_file.h"
#include "mem.h"
#include "store_sql.h"

#define LARGE_BODY 1048576 /* octets; from here on written in pieces */

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

int
store_add_body(struct store *s, int64_t seq, const struct blob *body)
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

static int
note_wrong_size(struct store *s, int64_t seq)
{
	s->full = false;
	(void)snprintf(s->error, sizeof(s->error),
		"%s: expected the whole message of record %lld, found another length", s->path,
		(long long)seq);
	return -1;
}

static int
read_small(struct store *s, int64_t seq, size_t size, struct record *rec)
{
	sqlite3_stmt *st = store_statement(s, SQL_BODY);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, seq);
	int rc = sqlite3_step(st), result = -1;
	struct str octets = rc == SQLITE_ROW ? store_column(st, 0) : STR_NONE;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		store_note(s, "read a message");
	else if (!octets.p || octets.n != size)
		note_wrong_size(s, seq);
	else {
		record_set_body(rec, blob_copy(octets.p, octets.n));
		result = 0;
	}
	sqlite3_reset(st);
	return result;
}

static int
copy_large(struct store *s, sqlite3_blob *in, size_t size, struct blob **out)
{
	static char chunk[STORE_CHUNK];
	struct blob_builder w;
	if (blob_build_start(&w, size) < 0)
		goto spool;
	for (size_t at = 0; at < size; at += STORE_CHUNK) {
		size_t n = size - at < STORE_CHUNK ? size - at : STORE_CHUNK;
		if (sqlite3_blob_read(in, chunk, (int)n, (int)at) != SQLITE_OK) {
			blob_build_abandon(&w);
			return store_note(s, "read a message");
		}
		if (blob_build_add(&w, chunk, n) < 0)
			goto spool;
	}
	if (blob_build_finish(&w, out) == 0)
		return 0;
spool:
	s->full = false;
	(void)snprintf(s->error, sizeof(s->error), "cannot spool a message: %m");
	return -1;
}

static int
read_large(struct store *s, int64_t seq, size_t size, struct record *rec)
{
	sqlite3_blob *in = NULL;
	struct blob *body = NULL;
	int rc = -1;
	if (sqlite3_blob_open(s->db, "main", "body", "octets", seq, 0, &in) != SQLITE_OK)
		store_note(s, "read a message");
	else if ((size_t)sqlite3_blob_bytes(in) != size)
		note_wrong_size(s, seq);
	else
		rc = copy_large(s, in, size, &body);
	sqlite3_blob_close(in);
	if (rc == 0)
		record_set_body(rec, body);
	return rc;
}

/* The file that was read last stays open: its records go out one after the other. */
static int
open_source(struct store *s, int64_t file)
{
	if (s->source == file)
		return 0;
	sqlite3_stmt *st = store_statement(s, SQL_INTAKE_NAME);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, file);
	int rc = sqlite3_step(st);
	char *path = rc == SQLITE_ROW
			     ? intake_path(s->dir, (const char *)sqlite3_column_text(st, 0))
			     : NULL;
	sqlite3_reset(st);
	if (s->source_fd >= 0)
		close(s->source_fd);
	s->source = 0;
	s->source_fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (s->source_fd >= 0)
		s->source = file;
	else
		(void)snprintf(s->error, sizeof(s->error),
			"%s: cannot open a file of the "
			"intake: %s",
			path ? path : s->path, path ? strerror(errno) : "unknown");
	free(path);
	return s->source ? 0 : -1;
}

static int
copy_source(struct store *s, off_t at, size_t size, struct blob_builder *w)
{
	static char chunk[STORE_CHUNK];
	for (size_t done = 0; done < size;) {
		size_t n = size - done < STORE_CHUNK ? size - done : STORE_CHUNK;
		ssize_t got = pread(s->source_fd, chunk, n, at + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = ENODATA;
		if (got <= 0 || blob_build_add(w, chunk, (size_t)got) < 0)
			return -1;
		done += (size_t)got;
	}
	return 0;
}

static int
read_source(struct store *s, int64_t file, off_t at, size_t size, struct record *rec)
{
	struct blob_builder w;
	struct blob *body;
	if (open_source(s, file) < 0)
		return -1;
	int rc = blob_build_start(&w, size);
	if (rc == 0 && (rc = copy_source(s, at, size, &w)) < 0) {
		int saved = errno;
		blob_build_abandon(&w);
		errno = saved;
	}
	if (rc == 0)
		rc = blob_build_finish(&w, &body);
	if (rc == 0) {
		record_set_body(rec, body);
		return 0;
	}
	s->full = false;
	(void)snprintf(s->error, sizeof(s->error), "%s/intake: cannot read a message: %s",
		s->dir, strerror(errno));
	return -1;
}

/* 1 in the intake, 0 not, -1. */
static int
place_of(struct store *s, int64_t seq, int64_t *file, off_t *at)
{
	sqlite3_stmt *st = store_statement(s, SQL_PLACE);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, seq);
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		*file = sqlite3_column_int64(st, 0);
		*at = (off_t)sqlite3_column_int64(st, 1);
	} else if (rc != SQLITE_DONE) {
		store_note(s, "read the queue");
	}
	sqlite3_reset(st);
	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : -1;
}

int
store_load_body(struct store *s, int64_t seq, size_t size, struct record *rec)
{
	int64_t file;
	off_t at;
	if (size == 0)
		return 0;
	int placed = place_of(s, seq, &file, &at);
	if (placed != 0)
		return placed < 0 ? -1 : read_source(s, file, at, size, rec);
	return size < BLOB_SPOOL_SIZE ? read_small(s, seq, size, rec)
				      : read_large(s, seq, size, rec);
}

int
store_intake_less(struct store *s, int64_t file)
{
	return store_run_on(s, SQL_INTAKE_LESS, file, "update the intake");
}

int
store_take_body(struct store *s, int64_t seq, const struct blob *body)
{
	int64_t file;
	off_t at;
	if (place_of(s, seq, &file, &at) <= 0 || store_add_body(s, seq, body) < 0 ||
		store_run_on(s, SQL_UNPLACE, seq, "move a message") < 0)
		return -1;
	return store_intake_less(s, file);
}
