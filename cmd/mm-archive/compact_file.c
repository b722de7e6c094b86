#include <stdlib.h>
#include <string.h>

#include "compact.h"
#include "gone.h"
#include "gone_copies.h"
#include "log.h"
#include "mem.h"
#include "tar_rewrite.h"

/* Where a message has gone. */
struct moved {
	int64_t row;
	size_t frame;
	struct tar_entry head, eml;
};

struct compacting {
	struct compact_month *month;
	struct tar_rewrite to;
	struct frame_reader reader;
	sqlite3_stmt *by_id;
	int64_t frame;         /* row of the frame being read */
	struct str raw;        /* its octets */
	struct tar_entry head; /* of the last envelope in it */
	struct moved *moved;
	size_t nmoved, moved_cap;
};

static int
copy_entry(struct compacting *c, struct str id, const char *ending, int64_t received,
	struct tar_entry from, struct tar_entry *to)
{
	char *name = xasprintf("%.*s%s", STR_ARG(id), ending);
	int rc = tar_frame_add(
		&c->to.packer, name, received, str_n(c->raw.p + from.at, from.size), to);
	free(name);
	return rc;
}

/* Unless the index, which may be older than the files, is wrong. */
static int
leave_out(const struct compacting *c, struct str id)
{
	if (gone_has_message(c->month->index.db, c->month->dir, id))
		return 0;
	log_error("%s/%s: the index has no file that is there for the message \"%.*s\" of it; "
		  "mm-archive verify tells more",
		c->month->dir, c->to.file, STR_ARG(id));
	return -1;
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
		return leave_out(c, id);
	if (found != SQLITE_ROW || tar_rewrite_room(&c->to, where.size) < 0)
		return -1;
	m.frame = c->to.nframes;
	c->to.in_frame++;
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
	if (tar_rewrite_room(&c->to, where.size) < 0)
		return -1;
	c->to.in_frame++;
	return copy_entry(c, s, "", 0, where, &to);
}

static int
take_frame(void *arg, int64_t frame, const struct index_frame *like, struct str raw)
{
	struct compacting *c = arg;
	(void)like;
	c->frame = frame;
	c->raw = raw;
	return tar_frame_walk(raw, take_entry, c);
}

static int
write_new_file(struct compacting *c)
{
	if (tar_rewrite_frames(&c->month->index, &c->reader, c->to.file, 0, take_frame, c) < 0)
		return -1;
	if (tar_rewrite_end_frame(&c->to) < 0 ||
		(c->to.nframes && gone_announce(&c->month->index, c->month->dir, c->to.name,
					  c->to.file) < 0))
		return -1;
	return tar_rewrite_finish(&c->to);
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
		const int64_t values[] = {c->to.frames[m->frame].file, (int64_t)m->head.at,
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
	int64_t row = c->to.nframes ? month_index_add_file(&c->month->index, c->to.name) : 0;
	if (row < 0 || (row && gone_remove(&c->month->index, c->to.name) < 0))
		return -1;
	for (size_t i = 0; i < c->to.nframes; i++) {
		c->to.frames[i].file = row;
		int64_t n = month_index_add_frame(&c->month->index, &c->to.frames[i]);
		if (n < 0)
			return -1;
		c->to.frames[i].file = n; /* from here on: its own row */
	}
	if (move_messages(c) < 0 ||
		step_once(c, "DELETE FROM frame WHERE file = ?", &old_row, 1) < 0 ||
		step_once(c, "DELETE FROM file WHERE n = ?", &old_row, 1) < 0)
		return -1;
	return gone_add(&c->month->index, c->to.file, row ? c->to.name : NULL, INT64_MAX);
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

/* What the chain says comes before the old file is let go of. */
static int
tell_chain(struct compacting *c)
{
	struct chain_replacement r = {.event = CHAIN_RECUT,
		.month = c->month->name,
		.file = c->to.file,
		.into = c->to.nframes ? c->to.name : NULL};
	return chain_replace(c->month->chain, &r);
}

static int
remove_old(struct compacting *c)
{
	bool full = false;
	if (tar_rewrite_remove_old(&c->to) < 0 ||
		month_index_begin(&c->month->index, &full) != 0)
		return -1;
	if (gone_remove(&c->month->index, c->to.file) == 0)
		return month_index_commit(&c->month->index, &full);
	month_index_rollback(&c->month->index);
	return -1;
}

static int
replace_file(struct compacting *c, int64_t file_row)
{
	int rc = write_new_file(c);
	if (rc < 0)
		tar_rewrite_discard(&c->to);
	if (rc == 0)
		rc = tell_chain(c);
	if (rc == 0)
		rc = tar_rewrite_close_old(c->month->dir, c->to.file);
	if (rc == 0)
		rc = index_new_file(c, file_row);
	return rc < 0 ? rc : remove_old(c);
}

int
compact_file(struct compact_month *m, const char *file, int64_t file_row)
{
	struct compacting c = {.month = m};
	int rc = -1;
	frame_reader_init(&c.reader, m->dir, m->index.keys);
	if (tar_rewrite_open(&c.to, &m->index, m->dir, file, COMPACT_MARK, COMPACT_LEVEL) ==
			0 &&
		index_prepare(m->index.db,
			"SELECT n, received FROM message WHERE id = ? AND frame = ? AND at = ?",
			&c.by_id) == 0)
		rc = replace_file(&c, file_row);
	sqlite3_finalize(c.by_id);
	frame_reader_release(&c.reader);
	tar_rewrite_release(&c.to);
	free(c.moved);
	return rc;
}
