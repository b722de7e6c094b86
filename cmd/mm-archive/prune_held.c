#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "prune_held.h"

/* 1: there is an index.  An empty folder needs none. */
static int
open_index(struct month_held *h, const struct archive_keys *keys)
{
	char **tars;
	size_t n;
	int rc = index_open_read(h->dir, keys, &h->db);
	if (rc != 0)
		return rc;
	if (mail_archive_tars(h->dir, &tars, &n) < 0) {
		log_error("cannot read %s: %s", h->dir, strerror(errno));
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		free(tars[i]);
	free(tars);
	if (n == 0)
		return 0;
	log_error("%s has no index that could tell what is under a hold; nothing goes "
		  "before mm-archive reindex has made one",
		h->dir);
	return -1;
}

int
month_held_open(struct month_held *h, const struct archive_holds *holds, const char *dir,
	const struct archive_keys *keys)
{
	*h = (struct month_held){.holds = holds, .dir = dir, .version = -1};
	return archive_holds_count(holds) && open_index(h, keys) < 0 ? -1 : 0;
}

void
month_held_close(struct month_held *h)
{
	sqlite3_close(h->db);
	*h = (struct month_held){0};
}

/* The first number that a statement about `name` (NULL: none) gives; 0 without a row. */
static int
ask(struct month_held *h, const char *sql, const char *name, int64_t *number)
{
	sqlite3_stmt *st;
	*number = 0;
	if (index_prepare(h->db, sql, &st) < 0)
		return -1;
	if (name)
		sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	int step = sqlite3_step(st);
	if (step == SQLITE_ROW)
		*number = sqlite3_column_int64(st, 0);
	else if (step != SQLITE_DONE)
		index_log_error(h->db, "cannot read the index");
	sqlite3_finalize(st);
	return step == SQLITE_ROW || step == SQLITE_DONE ? 0 : -1;
}

/* What others have committed since is asked about, too. */
static int
refresh(struct month_held *h)
{
	int64_t version;
	if (ask(h, "PRAGMA data_version", NULL, &version) < 0)
		return -1;
	if (version != h->version && archive_holds_mark(h->holds, h->db, INT64_MAX) < 0)
		return -1;
	h->version = version;
	return 0;
}

static void
tell_hold(const struct month_held *h, const char *name, sqlite3_stmt *st)
{
	struct logline l;
	struct buf path = {0};
	buf_addf(&path, "%s/%s", h->dir, name);
	log_begin(&l, LOG_INFO, "stays: under a hold");
	log_str(&l, "file", buf_str(&path));
	log_cstr(&l, "hold", h->holds->list[sqlite3_column_int64(st, 0)].name);
	log_num(&l, "messages", sqlite3_column_int64(st, 1));
	log_end(&l);
	buf_release(&path);
}

static int
holds_of_file(struct month_held *h, const char *name, bool tell)
{
	sqlite3_stmt *st;
	int step, held = 0;
	if (index_prepare(h->db,
		    "SELECT h.hold, count(*) FROM temp.held AS h JOIN message AS m ON m.n = h.n"
		    " JOIN frame AS r ON r.n = m.frame JOIN file AS f ON f.n = r.file"
		    " WHERE f.name = ? GROUP BY h.hold",
		    &st) < 0)
		return -1;
	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		held = 1;
		if (tell)
			tell_hold(h, name, st);
	}
	if (step != SQLITE_DONE)
		index_log_error(h->db, "cannot read the index");
	sqlite3_finalize(st);
	return step == SQLITE_DONE ? held : -1;
}

int
month_held_file(struct month_held *h, const char *name, bool tell)
{
	int64_t n;
	if (!h->db)
		return 0;
	if (refresh(h) < 0)
		return -1;
	if (!name)
		return ask(h, "SELECT count(*) FROM temp.held", NULL, &n) < 0 ? -1 : n > 0;
	int held = holds_of_file(h, name, tell);
	if (held != 0)
		return held;
	if (ask(h, "SELECT count(*) FROM file WHERE name = ?", name, &n) < 0)
		return -1;
	if (n > 0)
		return 0;
	log_error("%s/%s is not in the index, and may be under a hold; it goes after "
		  "mm-archive reindex",
		h->dir, name);
	return -1;
}
