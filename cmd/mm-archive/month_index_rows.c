#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "archive_cipher.h"
#include "archive_index.h"
#include "month_index.h"
#include "month_index_sql.h"

#define SENDER_MAX 120 /* octets kept for lists; searching has the whole */
#define SUBJECT_MAX 200
#define LIST_MAX 200

const char *const month_index_sql[MONTH_INDEX_STATEMENTS] = {
	[SQL_FIND] = "SELECT n FROM message WHERE id = ?",
	[SQL_HAS_RECIPIENT] = "SELECT 1 FROM rcpt WHERE message = ? AND path = ?",
	[SQL_FILE] = "SELECT f.n, (SELECT min(r.offset + r.length) FROM frame AS r"
		     " WHERE r.file = f.n AND NOT EXISTS (SELECT 1 FROM frame AS s"
		     " WHERE s.file = r.file AND s.offset = r.offset + r.length))"
		     " * EXISTS (SELECT 1 FROM frame WHERE file = f.n AND offset = ?2)"
		     " FROM file AS f WHERE f.name = ?1",
	[SQL_FRAME_AT] = "SELECT length FROM frame WHERE file = ? AND offset = ?",
	[SQL_ADD_FILE] = "INSERT INTO file(name) VALUES (?)",
	[SQL_ADD_FRAME] = "INSERT INTO frame(file, offset, length, raw, sha256)"
			  " VALUES (?, ?, ?, ?, ?)",
	[SQL_ADD_MESSAGE] =
		"INSERT INTO message(id, received, frame, head_at, head_size, at, size,"
		" attachments, date, mail_from, ip, ingress, spf, dkim, dmarc, message_id,"
		" sender, subject, list_id, arc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		"?, "
		"?, ?, ?, ?, ?, ?, ?)",
	[SQL_ADD_TEXT] = "INSERT INTO words(rowid, sender, recipient, cc, subject, attachment,"
			 " body) VALUES (?, ?, ?, ?, ?, ?, ?)",
	[SQL_ADD_RECIPIENT] = "INSERT OR IGNORE INTO rcpt(message, path) VALUES (?, ?)",
	[SQL_ADD_ORPHAN] = "INSERT INTO temp.orphan(id, path) VALUES (?, ?)",
};

static void
bind_str(sqlite3_stmt *st, int at, struct str s)
{
	sqlite3_bind_text(st, at, s.p ? s.p : "", (int)s.n, SQLITE_STATIC);
}

static void
bind_u64(sqlite3_stmt *st, int at, uint64_t n)
{
	sqlite3_bind_int64(st, at, (sqlite3_int64)n);
}

/* Runs a statement that gives no rows. */
static int
run(struct month_index *x, sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);
	sqlite3_reset(st);
	if (rc == SQLITE_DONE)
		return 0;
	index_log_error(x->db, "cannot write to the index");
	return -1;
}

int64_t
month_index_find(struct month_index *x, struct str id)
{
	sqlite3_stmt *st = x->statements[SQL_FIND];
	bind_str(st, 1, id);
	int rc = sqlite3_step(st);
	int64_t n = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return n;
	index_log_error(x->db, "cannot read the index");
	return -1;
}

bool
month_index_has_recipient(struct month_index *x, int64_t message, struct str path)
{
	sqlite3_stmt *st = x->statements[SQL_HAS_RECIPIENT];
	sqlite3_bind_int64(st, 1, message);
	bind_str(st, 2, path);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	sqlite3_reset(st);
	return found;
}

int
month_index_file(struct month_index *x, const char *name, int64_t *row, uint64_t *end)
{
	sqlite3_stmt *st = x->statements[SQL_FILE];
	bind_str(st, 1, str_of(name));
	bind_u64(st, 2, archive_cipher_start(x->keys));
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		*row = sqlite3_column_int64(st, 0);
		*end = (uint64_t)sqlite3_column_int64(st, 1);
	}
	sqlite3_reset(st);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return rc == SQLITE_ROW;
	index_log_error(x->db, "cannot read the index");
	return -1;
}

int
month_index_frame_at(struct month_index *x, int64_t file, uint64_t at, size_t *length)
{
	sqlite3_stmt *st = x->statements[SQL_FRAME_AT];
	sqlite3_bind_int64(st, 1, file);
	bind_u64(st, 2, at);
	int rc = sqlite3_step(st);
	*length = rc == SQLITE_ROW ? (size_t)sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return rc == SQLITE_ROW;
	index_log_error(x->db, "cannot read the index");
	return -1;
}

int64_t
month_index_add_file(struct month_index *x, const char *name)
{
	sqlite3_stmt *st = x->statements[SQL_ADD_FILE];
	bind_str(st, 1, str_of(name));
	return run(x, st) < 0 ? -1 : sqlite3_last_insert_rowid(x->db);
}

int64_t
month_index_add_frame(struct month_index *x, const struct index_frame *f)
{
	sqlite3_stmt *st = x->statements[SQL_ADD_FRAME];
	sqlite3_bind_int64(st, 1, f->file);
	bind_u64(st, 2, f->offset);
	bind_u64(st, 3, f->length);
	bind_u64(st, 4, f->raw);
	sqlite3_bind_blob(st, 5, f->sha256, sizeof(f->sha256), SQLITE_STATIC);
	return run(x, st) < 0 ? -1 : sqlite3_last_insert_rowid(x->db);
}

static int
add_recipients(struct month_index *x, int64_t message, const struct record *rec)
{
	sqlite3_stmt *st = x->statements[SQL_ADD_RECIPIENT];
	struct str path;
	for (size_t at = 0; record_next(rec, "rcpt-to", &at, &path);) {
		sqlite3_bind_int64(st, 1, message);
		bind_str(st, 2, path);
		if (run(x, st) < 0)
			return -1;
	}
	return 0;
}

static struct str
address_of(struct str path_field)
{
	struct path path;
	return path_field.p && path_parse(path_field, &path) == 0 ? path.address : STR("");
}

/* The first word of each of the record's findings of that name: "pass fail". */
static void
results(struct buf *out, const struct record *rec, const char *name)
{
	struct str value;
	buf_reset(out);
	for (size_t at = 0; record_next(rec, name, &at, &value) && out->n < 200;) {
		struct str word = str_word(&value);
		if (out->n)
			buf_addc(out, ' ');
		buf_adds(out, word);
	}
}

static struct str
cut(const struct buf *b, size_t max)
{
	struct str s = str_trim(buf_str(b));
	if (s.n <= max)
		return s;
	s.n = max;
	while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
		s.n--;
	return s;
}

static int
add_row(struct month_index *x, const struct index_message *m)
{
	sqlite3_stmt *st = x->statements[SQL_ADD_MESSAGE];
	const struct mimetext *text = &m->text->text;
	struct buf verdicts[4] = {{0}};
	static const char *const names[4] = {"spf", "dkim", "dmarc", "arc"};
	bind_str(st, 1, m->id);
	sqlite3_bind_int64(st, 2, m->received);
	sqlite3_bind_int64(st, 3, m->frame);
	bind_u64(st, 4, m->head.at);
	bind_u64(st, 5, m->head.size);
	bind_u64(st, 6, m->eml.at);
	bind_u64(st, 7, m->eml.size);
	bind_u64(st, 8, text->attachments);
	sqlite3_bind_int64(st, 9, text->date);
	bind_str(st, 10, address_of(record_get(m->rec, "mail-from")));
	bind_str(st, 11, record_get(m->rec, "client-ip"));
	bind_str(st, 12, record_get(m->rec, "ingress"));
	for (int i = 0; i < 4; i++) {
		results(&verdicts[i], m->rec, names[i]);
		bind_str(st, i < 3 ? 13 + i : 20, buf_str(&verdicts[i]));
	}
	bind_str(st, 16, buf_str(&text->message_id));
	bind_str(st, 17, cut(&text->from, SENDER_MAX));
	bind_str(st, 18, cut(&text->subject, SUBJECT_MAX));
	bind_str(st, 19, cut(&text->list, LIST_MAX));
	int rc = run(x, st);
	for (int i = 0; i < 4; i++)
		buf_release(&verdicts[i]);
	return rc;
}

static int
add_words(struct month_index *x, int64_t message, const struct index_text *t)
{
	sqlite3_stmt *st = x->statements[SQL_ADD_TEXT];
	sqlite3_bind_int64(st, 1, message);
	for (int i = 0; i < INDEX_WORDS; i++)
		bind_str(st, 2 + i, buf_str(&t->words[i]));
	return run(x, st);
}

static int
add_orphans(struct month_index *x, struct str id, const struct record *rec)
{
	sqlite3_stmt *st = x->statements[SQL_ADD_ORPHAN];
	struct str path;
	for (size_t at = 0; record_next(rec, "rcpt-to", &at, &path);) {
		bind_str(st, 1, id);
		bind_str(st, 2, path);
		if (run(x, st) < 0)
			return -1;
	}
	return 0;
}

int
month_index_merge(struct month_index *x, struct str id, const struct record *rec)
{
	int64_t n = month_index_find(x, id);
	if (n < 0)
		return -1;
	return n > 0 ? add_recipients(x, n, rec) : add_orphans(x, id, rec);
}

int
month_index_adopt(struct month_index *x)
{
	bool full = false;
	if (month_index_begin(x, &full) != 0)
		return -1;
	if (sqlite3_exec(x->db, MONTH_INDEX_ADOPT, NULL, NULL, NULL) == SQLITE_OK)
		return month_index_commit(x, &full);
	index_log_error(x->db, "cannot write to the index");
	month_index_rollback(x);
	return -1;
}

int
month_index_add(struct month_index *x, const struct index_message *m)
{
	int64_t n = month_index_find(x, m->id);
	if (n != 0)
		return n < 0 || add_recipients(x, n, m->rec) < 0 ? -1 : 1;
	if (add_row(x, m) < 0)
		return -1;
	n = sqlite3_last_insert_rowid(x->db);
	return add_words(x, n, m->text) < 0 || add_recipients(x, n, m->rec) < 0 ? -1 : 0;
}
