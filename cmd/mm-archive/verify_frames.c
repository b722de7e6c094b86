#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mem.h"
#include "verify_impl.h"

static void
problem(struct checking *c, struct str file, uint64_t at, const char *what)
{
	log_error("%s/%.*s: frame at byte %llu: %s", c->dir, STR_ARG(file),
		(unsigned long long)at, what);
	c->problems++;
}

static int
note_entry(void *arg, const char *name, struct tar_entry where)
{
	struct checking *c = arg;
	c->entries = xgrow(c->entries, &c->cap, c->n + 1, sizeof(*c->entries));
	c->entries[c->n++] = (struct verify_entry){xstrdup(name), where};
	return 0;
}

static void
forget_entries(struct checking *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->entries[i].name);
	c->n = 0;
}

static bool
is_at(const struct tar_entry *where, uint64_t at, uint64_t size)
{
	return where->at == at && where->size == size;
}

/* Of a message that is stored twice, the index names one place. */
static void
check_message(struct checking *c, int64_t frame, const struct archive_row *in,
	const struct verify_entry *envelope, const struct verify_entry *eml)
{
	struct archive_row row;
	sqlite3_bind_text(c->by_id, 1, eml->name, (int)strlen(eml->name) - 4, SQLITE_STATIC);
	bool known = sqlite3_step(c->by_id) == SQLITE_ROW;
	int64_t place = known ? sqlite3_column_int64(c->by_id, INDEX_ROW_COLUMNS) : 0;
	if (known)
		index_row(c->by_id, &row);
	sqlite3_reset(c->by_id); /* the row's texts are not looked at */
	if (!known)
		problem(c, in->file, in->frame_at, "a message in it is not in the index");
	if (!known || place != frame || !is_at(&eml->where, row.at, row.size))
		return;
	c->checked++;
	if (!envelope || !is_at(&envelope->where, row.head_at, row.head_size))
		problem(c, in->file, in->frame_at, "a message is not where the index says");
}

static bool
is_envelope_of(const struct verify_entry *envelope, const struct verify_entry *eml)
{
	struct str id = str_n(eml->name, strlen(eml->name) - 4), name = str_of(envelope->name);
	return str_starts(name, id) && str_eq(str_skip(name, id.n), STR(".envelope"));
}

/* What the index has and no frame is told by their number. */
static void
check_messages(struct checking *c, int64_t frame, const struct archive_row *in)
{
	const struct verify_entry *last = NULL;
	for (size_t i = 0; i < c->n; i++) {
		const struct verify_entry *e = &c->entries[i];
		if (str_ends(str_of(e->name), STR(".eml")))
			check_message(
				c, frame, in, last && is_envelope_of(last, e) ? last : NULL, e);
		last = e;
	}
}

/* A row of the index, of which nothing is held while the frame is looked at. */
struct frame_row {
	int64_t n;
	char *file;
	struct archive_row is;
	unsigned char sha256[SHA256_DIGEST_LENGTH];
	bool hashed;
};

static void
check_frame(struct checking *c, const struct frame_row *f)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct str raw;
	c->frame_count++;
	if (frame_read(&c->frames, &f->is, &raw) < 0) {
		c->problems++;
		return;
	}
	SHA256((const unsigned char *)c->frames.packed.p, c->frames.packed.n, digest);
	if (!f->hashed || memcmp(f->sha256, digest, sizeof(digest)) != 0)
		problem(c, f->is.file, f->is.frame_at, "its hash is not that of the index");
	if (tar_frame_walk(raw, note_entry, c) < 0)
		problem(c, f->is.file, f->is.frame_at, "it is no tar");
	check_messages(c, f->n, &f->is);
	forget_entries(c);
}

static void
take_row(struct frame_row *f, int64_t n, sqlite3_stmt *st)
{
	f->n = n;
	f->file = str_dup(index_text(st, 0));
	f->is = (struct archive_row){.file = str_of(f->file),
		.frame_at = (uint64_t)sqlite3_column_int64(st, 1),
		.frame_size = (uint64_t)sqlite3_column_int64(st, 2),
		.frame_raw = (uint64_t)sqlite3_column_int64(st, 3)};
	f->hashed = sqlite3_column_bytes(st, 4) == sizeof(f->sha256);
	if (f->hashed)
		memcpy(f->sha256, sqlite3_column_blob(st, 4), sizeof(f->sha256));
}

static int
check_row(struct checking *c, int64_t n)
{
	sqlite3_stmt *st = c->by_row;
	struct frame_row f;
	sqlite3_bind_int64(st, 1, n);
	int step = sqlite3_step(st);
	if (step == SQLITE_ROW)
		take_row(&f, n, st);
	else if (step != SQLITE_DONE)
		index_log_error(c->db, "cannot read the index");
	sqlite3_reset(st);
	if (step == SQLITE_ROW) {
		check_frame(c, &f);
		free(f.file);
	}
	return step == SQLITE_ROW || step == SQLITE_DONE ? 0 : -1;
}

void
verify_ask(sqlite3 *db, const char *sql, const char *text, int64_t *numbers, int n)
{
	sqlite3_stmt *st;
	int step = SQLITE_ERROR;
	if (index_prepare(db, sql, &st) == 0) {
		if (text)
			sqlite3_bind_text(st, 1, text, -1, SQLITE_STATIC);
		step = sqlite3_step(st);
	}
	for (int i = 0; i < n; i++)
		numbers[i] = step == SQLITE_ROW ? sqlite3_column_int64(st, i) : -1;
	sqlite3_finalize(st);
}

/* The frames up to `newest`, as they lie.  The caller frees *list. */
static int
list_frames(struct checking *c, int64_t newest, int64_t **list, size_t *n)
{
	sqlite3_stmt *st;
	if (index_prepare(c->db,
		    "SELECT r.n FROM frame AS r JOIN file AS f ON f.n = r.file WHERE r.n <= ?"
		    " ORDER BY f.name, r.offset",
		    &st) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, newest);
	return index_numbers(st, list, n);
}

int
verify_frames(struct checking *c)
{
	int64_t is[2], *list = NULL; /* the newest frame, messages */
	size_t n = 0;
	verify_ask(c->db,
		"SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'frame'),"
		" (SELECT count(*) FROM message)",
		NULL, is, 2);
	c->messages = is[1];
	int rc = list_frames(c, is[0], &list, &n);
	if (rc == 0)
		rc = index_prepare(c->db,
			"SELECT f.name, r.offset, r.length, r.raw, r.sha256 FROM frame AS r"
			" JOIN file AS f ON f.n = r.file WHERE r.n = ?",
			&c->by_row);
	if (rc == 0)
		rc = index_prepare(c->db,
			"SELECT " INDEX_ROW ", m.frame FROM " INDEX_TABLES " WHERE m.id = ?",
			&c->by_id);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = check_row(c, list[i]);
	sqlite3_finalize(c->by_row);
	sqlite3_finalize(c->by_id);
	free(list);
	free(c->entries);
	return rc;
}
