#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "archive_frame_moved.h"
#include "mem.h"

static bool
has_gone(const struct frame_reader *fr, struct str file)
{
	if (fr->file && str_eq(str_of(fr->file), file))
		return false;
	char *path = xasprintf("%s/%.*s", fr->month_dir, STR_ARG(file));
	bool gone = access(path, F_OK) < 0 && errno == ENOENT;
	free(path);
	return gone;
}

/* What says where it is. */
static void
take_place(struct frame_reader *fr, const struct archive_row *from)
{
	free(fr->now_file);
	fr->now_file = str_dup(from->file);
	fr->now.file = str_of(fr->now_file);
	fr->now.frame_at = from->frame_at;
	fr->now.frame_size = from->frame_size;
	fr->now.frame_raw = from->frame_raw;
	fr->now.head_at = from->head_at;
	fr->now.head_size = from->head_size;
	fr->now.at = from->at;
	fr->now.size = from->size;
}

/* By a connection of its own: another one may look at the index as it was. */
static bool
ask_again(struct frame_reader *fr, const struct archive_row *row)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	struct archive_row found;
	bool known = false;
	if (index_open_read(fr->month_dir, fr->keys, &db) == 1 &&
		index_prepare(db, "SELECT " INDEX_ROW " FROM " INDEX_TABLES " WHERE m.id = ?",
			&st) == 0) {
		sqlite3_bind_text(st, 1, row->id.p, (int)row->id.n, SQLITE_STATIC);
		known = sqlite3_step(st) == SQLITE_ROW;
	}
	if (known) {
		index_row(st, &found);
		fr->now = *row;
		take_place(fr, &found);
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	return known;
}

const struct archive_row *
frame_row_now(struct frame_reader *fr, const struct archive_row *row)
{
	return has_gone(fr, row->file) && ask_again(fr, row) ? &fr->now : row;
}
