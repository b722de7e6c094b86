#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_index.h"
#include "forgotten.h"
#include "gone.h"
#include "gone_copies.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "tar_file.h"
#include "tar_rewrite.h"

struct clearing {
	const char *dir, *month;
	const struct archive_keys *keys;
	struct chain *chain;
	struct forgotten *forgotten;
	bool changed, kept;
};

static int
run_with(struct month_index *x, const char *sql, const char *file, const char *instead,
	uint64_t known)
{
	sqlite3_stmt *st;
	if (index_prepare(x->db, sql, &st) < 0)
		return -1;
	sqlite3_bind_text(st, 1, file, -1, SQLITE_STATIC);
	if (instead)
		sqlite3_bind_text(st, 2, instead, -1, SQLITE_STATIC);
	if (known)
		sqlite3_bind_int64(st, 3, (sqlite3_int64)known);
	int rc = sqlite3_step(st);
	sqlite3_finalize(st);
	if (rc == SQLITE_DONE)
		return 0;
	index_log_error(x->db, "cannot write to the index");
	return -1;
}

int
gone_add(struct month_index *x, const char *file, const char *instead, uint64_t known)
{
	if (sqlite3_exec(x->db,
		    "CREATE TABLE IF NOT EXISTS replaced(name TEXT PRIMARY KEY, instead TEXT,"
		    " known INTEGER) WITHOUT ROWID",
		    NULL, NULL, NULL) == SQLITE_OK)
		return run_with(x,
			"INSERT OR REPLACE INTO replaced(name, instead, known) VALUES (?1, ?2, "
			"?3)",
			file, instead, known);
	index_log_error(x->db, "cannot make a table");
	return -1;
}

int
gone_remove(struct month_index *x, const char *file)
{
	return run_with(x, "DELETE FROM replaced WHERE name = ?", file, NULL, 0);
}

int
gone_announce(struct month_index *x, const char *dir, const char *file, const char *instead)
{
	bool full = false;
	int rc = month_index_begin(x, &full);
	if (rc == 1)
		log_error("%s: the index was pruned or replaced meanwhile; try again", dir);
	if (rc != 0)
		return -1;
	if (gone_add(x, file, instead, INT64_MAX) == 0)
		return month_index_commit(x, &full);
	month_index_rollback(x);
	return -1;
}

/* 1: it gave a row. */
static int
gives_row(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st;
	if (index_prepare(db, sql, &st) < 0)
		return -1;
	int rc = sqlite3_step(st);
	sqlite3_finalize(st);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return rc == SQLITE_ROW;
	index_log_error(db, "cannot read the index");
	return -1;
}

static int
has_table(sqlite3 *db)
{
	return gives_row(db, "SELECT 1 FROM main.sqlite_master WHERE name = 'replaced'");
}

int
gone_any(sqlite3 *db)
{
	int rc = has_table(db);
	return rc == 1 ? gives_row(db, "SELECT 1 FROM replaced") : rc;
}

int
gone_end(struct month_index *x)
{
	bool full = false;
	int rc = month_index_begin(x, &full);
	if (rc == 1)
		log_error("the index was replaced meanwhile; try again");
	if (rc != 0)
		return -1;
	if (sqlite3_exec(x->db, "DELETE FROM replaced", NULL, NULL, NULL) == SQLITE_OK)
		return month_index_commit(x, &full);
	index_log_error(x->db, "cannot write to the index");
	month_index_rollback(x);
	return -1;
}

static int
remove_file(struct clearing *c, const char *path)
{
	if (unlink(path) < 0 && errno != ENOENT) {
		log_error("cannot remove %s: %s", path, strerror(errno));
		return -1;
	}
	c->changed = true;
	return 0;
}

/* An index that was put back from a backup may be older than the files. */
static int
may_go(struct clearing *c, sqlite3_stmt *st)
{
	const char *name = (const char *)sqlite3_column_text(st, 0);
	const char *instead = (const char *)sqlite3_column_text(st, 1);
	char *path = instead ? xasprintf("%s/%s", c->dir, instead) : NULL;
	bool there = !path || access(path, F_OK) == 0;
	free(path);
	if (there)
		return gone_has_copies(sqlite3_db_handle(st), c->dir, name,
			(uint64_t)sqlite3_column_int64(st, 2), c->keys, c->forgotten);
	log_error("%s/%s: the index says that %s has all of it, which is not there; it stays",
		c->dir, name, instead);
	return 0;
}

static struct forgotten *
read_forgotten(const char *dir)
{
	char *archive = xasprintf("%s/..", dir);
	struct forgotten *all = forgotten_read(archive);
	free(archive);
	return all;
}

static int
is_closed(const struct clearing *c, const char *name)
{
	char *path = xasprintf("%s/%s", c->dir, name);
	struct stat is;
	bool closed = lstat(path, &is) == 0 && tar_file_is_closed(&is);
	free(path);
	return closed;
}

int
gone_is_left_over(
	sqlite3 *db, const char *dir, const char *name, const struct archive_keys *keys)
{
	struct clearing c = {.dir = dir, .keys = keys};
	sqlite3_stmt *st;
	if (has_table(db) != 1 || !is_closed(&c, name) ||
		index_prepare(db,
			"SELECT name, instead, known FROM replaced WHERE name = ?1"
			" AND name NOT IN (SELECT name FROM file)",
			&st) < 0)
		return 0;
	c.forgotten = read_forgotten(dir);
	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	int is = sqlite3_step(st) == SQLITE_ROW && may_go(&c, st) == 1;
	sqlite3_finalize(st);
	forgotten_free(c.forgotten);
	return is;
}

/* One that is not closed has the name since, and somebody is about to tell the index. */
static int
remove_gone(struct clearing *c, sqlite3_stmt *st)
{
	const char *name = (const char *)sqlite3_column_text(st, 0);
	const struct chain_replacement r = {
		.event = CHAIN_RECUT, .month = c->month, .file = name};
	int rc = 0;
	if (mail_archive_tar_day(name) < 0 || strchr(name, '/')) {
		log_error("%s: the index names a file that is none of its own", c->dir);
		return -1;
	}
	char *path = xasprintf("%s/%s", c->dir, name);
	c->changed = true; /* also when somebody removed it who was stopped before syncing */
	if (is_closed(c, name)) {
		int may = may_go(c, st);
		c->kept = c->kept || may == 0;
		rc = may == 1 ? chain_replace(c->chain, &r) : may;
		if (may == 1 && rc == 0)
			rc = remove_file(c, path);
	}
	free(path);
	return rc;
}

static int
remove_listed(struct clearing *c, sqlite3 *db)
{
	sqlite3_stmt *st;
	int rc = 0, step = SQLITE_DONE;
	if (index_prepare(db,
		    "SELECT name, instead, known FROM replaced WHERE name NOT IN"
		    " (SELECT name FROM file)",
		    &st) < 0)
		return -1;
	while (rc == 0 && (step = sqlite3_step(st)) == SQLITE_ROW)
		rc = remove_gone(c, st);
	if (rc == 0 && step != SQLITE_DONE) {
		index_log_error(db, "cannot read the index");
		rc = -1;
	}
	sqlite3_finalize(st);
	return rc;
}

static bool
is_part(const char *name)
{
	struct str s = str_of(name), ending = STR(TAR_PART_ENDING);
	if (!str_ends(s, ending))
		return false;
	char *tar = str_dup(str_n(s.p, s.n - ending.n));
	bool is = mail_archive_tar_day(tar) > 0;
	free(tar);
	return is;
}

/* What was never finished is removed, or only looked for.  1 when there was any. */
static int
parts(struct clearing *c, bool remove)
{
	DIR *d = opendir(c->dir);
	struct dirent *e;
	int rc = 0, any = 0;
	if (!d) {
		log_error("cannot read %s: %s", c->dir, strerror(errno));
		return -1;
	}
	while (rc == 0 && (e = readdir(d))) {
		if (!is_part(e->d_name))
			continue;
		char *path = xasprintf("%s/%s", c->dir, e->d_name);
		rc = remove ? remove_file(c, path) : 0;
		any = 1;
		free(path);
	}
	closedir(d);
	return rc < 0 ? rc : any;
}

int
gone_pending(const char *dir, const struct archive_keys *keys)
{
	struct clearing c = {.dir = dir};
	sqlite3 *db;
	int any = 0, rc = index_open_read(dir, keys, &db);
	if (rc == 1)
		rc = any = gone_any(db);
	sqlite3_close(db);
	return rc >= 0 && any == 0 ? parts(&c, false) : rc;
}

static int
sync_folder(const char *dir)
{
	char *path = xasprintf("%s/" ARCHIVE_INDEX, dir);
	int rc = io_sync_parent(path);
	if (rc < 0)
		log_error("cannot write %s: %s", dir, strerror(errno));
	free(path);
	return rc;
}

int
gone_clear(const char *dir, const char *month, const struct archive_keys *keys,
	struct chain *chain)
{
	struct clearing c = {.dir = dir, .month = month, .keys = keys, .chain = chain};
	sqlite3 *db;
	int rc = index_open_read(dir, keys, &db);
	if (rc == 1 && (rc = gone_any(db)) == 1) {
		c.forgotten = read_forgotten(dir);
		rc = remove_listed(&c, db);
		forgotten_free(c.forgotten);
	}
	sqlite3_close(db);
	if (rc == 0 && parts(&c, true) < 0)
		rc = -1;
	if (rc == 0 && c.changed)
		rc = sync_folder(dir);
	return rc == 0 ? c.kept : rc;
}
