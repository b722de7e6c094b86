/* What `add` has put into DIR/intake becomes rows; the messages stay where they are. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "intake_read.h"
#include "lasting.h"
#include "log.h"
#include "store_sql.h"

struct absorbing {
	struct store *store;
	int64_t file; /* its row */
	int64_t queued;
	int64_t added;
	bool failed; /* the store, not the file */
};

/* What the table knows of a file. */
struct known {
	int64_t n;
	off_t absorbed;
	int64_t salt, total, live;
};

static int
note_errno(struct store *s, const char *name)
{
	s->full = false;
	(void)snprintf(s->error, sizeof(s->error), "%s: cannot read intake/%s: %s", s->path,
		name, strerror(errno));
	return -1;
}

static int
take_record(void *arg, struct record **r, off_t body_at)
{
	struct absorbing *a = arg;
	struct str id = record_get(*r, "id");
	sqlite3_stmt *st = store_statement(a->store, SQL_ABSORB);
	a->failed = !st;
	if (!st)
		return -1;
	struct buf head = {0};
	lasting_fields(&head, *r);
	sqlite3_bind_text64(st, 1, id.p, id.n, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_int64(st, 2, a->queued);
	sqlite3_bind_int64(st, 3, (int64_t)(*r)->body->n);
	sqlite3_bind_blob64(st, 4, head.p, head.n, SQLITE_STATIC);
	sqlite3_bind_int64(st, 5, a->file);
	sqlite3_bind_int64(st, 6, body_at);
	sqlite3_bind_int(st, 7, record_has(*r, "held") ? HELD_BY_HAND : HELD_NOT);
	int rc = store_run(a->store, st, "store a record");
	sqlite3_clear_bindings(st);
	buf_release(&head);
	if (rc == 0 && sqlite3_changes(a->store->db) == 1)
		a->added++;
	else if (rc == 0)
		log_debug("%.*s is in the queue already", STR_ARG(id));
	a->failed = rc < 0;
	return rc;
}

static int
know_file(struct store *s, const char *name, struct known *k)
{
	sqlite3_stmt *st = store_statement(s, SQL_INTAKE_NEW);
	if (!st)
		return -1;
	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	if (store_run(s, st, "note a file of the intake") < 0 ||
		!(st = store_statement(s, SQL_INTAKE_BY_NAME)))
		return -1;
	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*k = (struct known){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
			sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
			sqlite3_column_int64(st, 4)};
	else
		store_note(s, "read the queue");
	sqlite3_reset(st);
	return rc == SQLITE_ROW ? 0 : -1;
}

static int
keep_known(struct store *s, const struct known *k)
{
	sqlite3_stmt *st = store_statement(s, SQL_INTAKE_SET);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, k->n);
	sqlite3_bind_int64(st, 2, k->absorbed);
	sqlite3_bind_int64(st, 3, k->salt);
	sqlite3_bind_int64(st, 4, k->total);
	sqlite3_bind_int64(st, 5, k->live);
	return store_run(s, st, "note a file of the intake");
}

/* Frames up to the first that is not whole: behind that one a writer is at work, or
 * has been when the power went, and nothing there was acknowledged. */
static int
take_frames(struct store *s, struct intake_source *in, const char *name, struct known *k,
	size_t *most)
{
	struct intake_frame f;
	int rc = 0;
	while (*most > 0 && k->absorbed < in->size) {
		rc = intake_read_frame(in->fd, k->absorbed, in->header.salt, &f);
		if (rc <= 0)
			break;
		struct absorbing a = {.store = s, .file = k->n, .queued = f.queued};
		if (intake_source_each(in, k->absorbed, &f, take_record, &a) < 0)
			return a.failed ? -1 : note_errno(s, name);
		k->absorbed += (off_t)(INTAKE_FRAME_SIZE + f.length);
		k->total += f.count;
		k->live += a.added;
		*most = *most > f.count ? *most - f.count : 0;
	}
	if (rc < 0)
		return note_errno(s, name);
	if (rc == 0 && *most > 0 && in->ours && k->absorbed < in->size) {
		log_warn("intake/%s: the last %lld octets were not acknowledged; passed over",
			name, (long long)(in->size - k->absorbed));
		k->absorbed = in->size;
	}
	return 0;
}

static int
absorb_file(struct store *s, const char *name, size_t *most)
{
	struct intake_source in;
	struct known k = {0};
	if (intake_source_open(&in, s->dir, name) < 0) {
		if (errno == ENOENT)
			return 0;
		log_error("%s: cannot read intake/%s: %s", s->path, name, strerror(errno));
		return 0;
	}
	if (in.size <= INTAKE_HEADER_SIZE) {
		intake_source_close(&in);
		return 0;
	}
	int rc = know_file(s, name, &k);
	if (rc == 0 && k.salt != (int64_t)in.header.salt)
		k = (struct known){.n = k.n,
			.absorbed = INTAKE_HEADER_SIZE,
			.salt = (int64_t)in.header.salt};
	off_t before = k.absorbed;
	if (rc == 0)
		rc = take_frames(s, &in, name, &k, most);
	if (rc == 0 && k.absorbed != before)
		rc = keep_known(s, &k);
	intake_source_close(&in);
	return rc;
}

/* The rows need no sync of their own: what is lost of them is in the intake still,
 * and the next commit that must last takes them along. */
int
store_absorb(struct store *s, size_t most, bool *more)
{
	char **names = intake_names(s->dir);
	int rc = 0;
	*more = false;
	if (!names)
		return note_errno(s, "");
	if (*names) {
		rc = store_begin_unsynced(s);
		for (char **n = names; rc == 0 && *n && most > 0; n++)
			if (absorb_file(s, *n, &most) < 0) {
				store_rollback(s);
				rc = -1;
			}
		if (rc == 0)
			rc = store_commit(s);
		*more = most == 0;
	}
	intake_names_free(names);
	return rc;
}
