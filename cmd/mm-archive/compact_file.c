#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_frame.h"
#include "batch.h"
#include "compact.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "tar_frame.h"

/* Where a message has gone. */
struct moved {
	int64_t row;
	size_t frame;
	struct tar_entry head, eml;
};

struct compacting {
	struct compact_month *month;
	const char *file;
	char *new_name, *new_path, *part;
	int fd;
	uint64_t size;
	struct frame_reader reader, check;
	struct tar_frame packer;
	sqlite3_stmt *by_id;
	int64_t frame;         /* row of the frame being read */
	struct str raw;        /* its octets */
	struct tar_entry head; /* of the last envelope in it */
	size_t in_frame;
	struct moved *moved;
	size_t nmoved, moved_cap;
	struct index_frame *frames;
	size_t nframes, frames_cap;
};

static int
failed(const struct compacting *c, const char *path, const char *doing)
{
	log_error("%s/%s: cannot %s %s: %s", c->month->dir, c->file, doing, path,
		strerror(errno));
	return -1;
}

/* What is to take the place of the only other copy is read back first. */
static int
finish_frame(struct compacting *c)
{
	struct str raw = buf_str(&c->packer.raw), packed;
	if (raw.n == 0)
		return 0;
	if (tar_frame_pack(&c->packer, &packed) < 0)
		return -1;
	if (frame_unpack(&c->check, packed, raw.n) < 0 ||
		!str_eq(buf_str(&c->check.raw), raw)) {
		log_error("%s/%s: a frame does not unpack to what was packed", c->month->dir,
			c->file);
		return -1;
	}
	c->frames = xgrow(c->frames, &c->frames_cap, c->nframes + 1, sizeof(*c->frames));
	struct index_frame *f = &c->frames[c->nframes++];
	*f = (struct index_frame){.offset = c->size, .length = packed.n, .raw = raw.n};
	SHA256((const unsigned char *)packed.p, packed.n, f->sha256);
	if (io_write_all(c->fd, packed.p, packed.n) < 0)
		return failed(c, c->part, "write");
	c->size += packed.n;
	c->in_frame = 0;
	tar_frame_start(&c->packer);
	return 0;
}

static int
make_room(struct compacting *c, uint64_t octets)
{
	if (c->in_frame >= BATCH_FRAME_MESSAGES ||
		(c->in_frame && c->packer.raw.n + octets > BATCH_FRAME_OCTETS))
		return finish_frame(c);
	return 0;
}

static int
copy_entry(struct compacting *c, struct str id, const char *ending, int64_t received,
	struct tar_entry from, struct tar_entry *to)
{
	char *name = xasprintf("%.*s%s", STR_ARG(id), ending);
	int rc = tar_frame_add(
		&c->packer, name, received, str_n(c->raw.p + from.at, from.size), to);
	free(name);
	return rc;
}

/* Messages that the index has elsewhere are left out. */
static int
take_message(struct compacting *c, struct str id, struct tar_entry where)
{
	sqlite3_stmt *st = c->by_id;
	struct moved m = {.frame = 0};
	sqlite3_bind_text(st, 1, id.p, (int)id.n, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, c->frame);
	sqlite3_bind_int64(st, 3, (sqlite3_int64)where.at);
	int found = sqlite3_step(st), rc = 0;
	int64_t received = found == SQLITE_ROW ? sqlite3_column_int64(st, 1) : 0;
	m.row = found == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	if (found == SQLITE_DONE)
		return 0;
	if (found != SQLITE_ROW || make_room(c, where.size) < 0)
		return -1;
	m.frame = c->nframes;
	c->in_frame++;
	rc = copy_entry(c, id, ".envelope", received, c->head, &m.head);
	if (rc == 0)
		rc = copy_entry(c, id, ".eml", received, where, &m.eml);
	c->moved = xgrow(c->moved, &c->moved_cap, c->nmoved + 1, sizeof(*c->moved));
	c->moved[c->nmoved++] = m;
	return rc;
}

static int
take_entry(void *arg, const char *name, struct tar_entry where)
{
	struct compacting *c = arg;
	struct str s = str_of(name), eml = STR(".eml");
	struct tar_entry to;
	if (where.at > c->raw.n || where.size > c->raw.n - where.at)
		return -1;
	if (str_ends(s, eml))
		return take_message(c, str_n(s.p, s.n - eml.n), where);
	if (!memchr(s.p, '+', s.n)) {
		c->head = where;
		return 0;
	}
	if (make_room(c, where.size) < 0)
		return -1;
	c->in_frame++;
	return copy_entry(c, s, "", 0, where, &to);
}

static int
copy_frames(struct compacting *c, int64_t file_row)
{
	sqlite3_stmt *st;
	int rc = 0, step = SQLITE_DONE;
	if (index_prepare(c->month->index.db,
		    "SELECT n, offset, length, raw FROM frame WHERE file = ? ORDER BY offset",
		    &st) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, file_row);
	while (rc == 0 && (step = sqlite3_step(st)) == SQLITE_ROW) {
		struct archive_row row = {.file = str_of(c->file),
			.frame_at = (uint64_t)sqlite3_column_int64(st, 1),
			.frame_size = (uint64_t)sqlite3_column_int64(st, 2),
			.frame_raw = (uint64_t)sqlite3_column_int64(st, 3)};
		c->frame = sqlite3_column_int64(st, 0);
		rc = frame_read(&c->reader, &row, &c->raw);
		if (rc == 0 && (rc = tar_frame_walk(c->raw, take_entry, c)) < 0)
			log_error("%s/%s: the frame at byte %llu cannot be copied",
				c->month->dir, c->file, (unsigned long long)row.frame_at);
	}
	sqlite3_finalize(st);
	return rc == 0 && step == SQLITE_DONE ? finish_frame(c) : -1;
}

static int
write_new_file(struct compacting *c, int64_t file_row)
{
	c->fd = open(c->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (c->fd < 0)
		return failed(c, c->part, "open");
	if (copy_frames(c, file_row) < 0)
		return -1;
	if (c->nframes == 0) /* all of it is elsewhere */
		return unlink(c->part) < 0 ? failed(c, c->part, "remove") : 0;
	if (fchmod(c->fd, 0440) < 0 || fsync(c->fd) < 0 || rename(c->part, c->new_path) < 0 ||
		io_sync_parent(c->new_path) < 0)
		return failed(c, c->part, "finish");
	return 0;
}

static int
step_once(struct compacting *c, const char *sql, const int64_t *values, int n)
{
	sqlite3_stmt *st;
	if (index_prepare(c->month->index.db, sql, &st) < 0)
		return -1;
	for (int i = 0; i < n; i++)
		sqlite3_bind_int64(st, i + 1, values[i]);
	int rc = sqlite3_step(st);
	sqlite3_finalize(st);
	if (rc == SQLITE_DONE)
		return 0;
	index_log_error(c->month->index.db, "cannot write to the index");
	return -1;
}

static int
move_messages(struct compacting *c)
{
	sqlite3_stmt *st;
	int rc = SQLITE_DONE;
	if (index_prepare(c->month->index.db,
		    "UPDATE message SET frame = ?, head_at = ?, head_size = ?, at = ?, size = ?"
		    " WHERE n = ?",
		    &st) < 0)
		return -1;
	for (size_t i = 0; rc == SQLITE_DONE && i < c->nmoved; i++) {
		const struct moved *m = &c->moved[i];
		/* .file: see index_rows() */
		const int64_t values[] = {c->frames[m->frame].file, (int64_t)m->head.at,
			(int64_t)m->head.size, (int64_t)m->eml.at, (int64_t)m->eml.size,
			m->row};
		for (int k = 0; k < 6; k++)
			sqlite3_bind_int64(st, k + 1, values[k]);
		rc = sqlite3_step(st);
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
	if (rc == SQLITE_DONE)
		return 0;
	index_log_error(c->month->index.db, "cannot write to the index");
	return -1;
}

static int
index_rows(struct compacting *c, int64_t old_row)
{
	int64_t row = c->nframes ? month_index_add_file(&c->month->index, c->new_name) : 0;
	if (row < 0)
		return -1;
	for (size_t i = 0; i < c->nframes; i++) {
		c->frames[i].file = row;
		int64_t n = month_index_add_frame(&c->month->index, &c->frames[i]);
		if (n < 0)
			return -1;
		c->frames[i].file = n; /* from here on: its own row */
	}
	if (move_messages(c) < 0 ||
		step_once(c, "DELETE FROM frame WHERE file = ?", &old_row, 1) < 0)
		return -1;
	return step_once(c, "DELETE FROM file WHERE n = ?", &old_row, 1);
}

static int
index_new_file(struct compacting *c, int64_t old_row)
{
	bool full = false;
	if (month_index_begin(&c->month->index, &full) != 0)
		return -1;
	if (index_rows(c, old_row) < 0) {
		month_index_rollback(&c->month->index);
		return -1;
	}
	return month_index_commit(&c->month->index, &full);
}

/* The first name that neither the index nor the folder has. */
static int
choose_name(struct compacting *c)
{
	struct str base = str_of(c->file);
	struct stat st;
	int64_t row;
	uint64_t end;
	base.n -= sizeof(ARCHIVE_TAR_ENDING) - 1;
	for (int n = 1;; n++) {
		c->new_name = xasprintf(
			"%.*s" COMPACT_MARK "%d" ARCHIVE_TAR_ENDING, STR_ARG(base), n);
		c->new_path = xasprintf("%s/%s", c->month->dir, c->new_name);
		int known = month_index_file(&c->month->index, c->new_name, &row, &end);
		if (known < 0 || (known == 0 && lstat(c->new_path, &st) < 0)) {
			c->part = xasprintf("%s.part", c->new_path);
			return known;
		}
		free(c->new_name);
		free(c->new_path);
	}
}

static int
remove_old(struct compacting *c)
{
	char *path = xasprintf("%s/%s", c->month->dir, c->file);
	int rc = unlink(path) < 0 || io_sync_parent(path) < 0 ? failed(c, path, "remove") : 0;
	free(path);
	return rc;
}

static void
release(struct compacting *c)
{
	if (c->fd >= 0)
		close(c->fd);
	sqlite3_finalize(c->by_id);
	frame_reader_release(&c->reader);
	frame_reader_release(&c->check);
	tar_frame_release(&c->packer);
	free(c->moved);
	free(c->frames);
	free(c->new_name);
	free(c->new_path);
	free(c->part);
}

/* What the chain says comes before the old file is let go of. */
static int
tell_chain(struct compacting *c)
{
	struct chain_replacement r = {.event = CHAIN_RECUT,
		.month = c->month->name,
		.file = c->file,
		.into = c->nframes ? c->new_name : NULL};
	return chain_replace(c->month->chain, &r);
}

static int
replace_file(struct compacting *c, int64_t file_row)
{
	int rc = write_new_file(c, file_row);
	if (rc < 0)
		(void)unlink(c->part);
	if (rc == 0)
		rc = tell_chain(c);
	if (rc == 0)
		rc = index_new_file(c, file_row);
	return rc < 0 ? rc : remove_old(c);
}

int
compact_file(struct compact_month *m, const char *file, int64_t file_row)
{
	struct compacting c = {.month = m, .file = file, .fd = -1};
	const struct archive_keys *keys = m->index.keys;
	int rc = -1;
	frame_reader_init(&c.reader, m->dir, keys);
	frame_reader_init(&c.check, m->dir, keys);
	if (tar_frame_init(&c.packer) == 0 && choose_name(&c) == 0 &&
		index_prepare(m->index.db,
			"SELECT n, received FROM message WHERE id = ? AND frame = ? AND at = ?",
			&c.by_id) == 0) {
		tar_frame_level(&c.packer, COMPACT_LEVEL);
		rc = replace_file(&c, file_row);
	}
	release(&c);
	return rc;
}
