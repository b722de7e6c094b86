#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "log.h"
#include "mem.h"
#include "month_index.h"
#include "prune.h"
#include "tar_file.h"

static bool
day_expired(const struct pruning *p, const char *name)
{
	int day = mail_archive_tar_day(name);
	return day > 0 &&
	       month_start(p->month) + day * (INT64_C(24) * 3600 * 1000) - 1 <= p->cutoff;
}

static bool
file_stays(struct pruning *p, const char *name)
{
	int rc = month_held_file(&p->held, name, p->dry_run);
	p->failed = p->failed || rc < 0;
	return rc != 0;
}

static bool
open_index(struct pruning *p, struct month_index *x)
{
	if (!x->db && month_index_open(x, p->dir, p->archive->keys) < 0)
		p->failed = true;
	return x->db != NULL;
}

/* Within a transaction.  The row of a file without any frame stays: somebody may be about to
 * begin that file once more. */
static int
delete_rows(struct month_index *x, const char *file)
{
	static const char *const deletes[] = {
		("DELETE FROM rcpt WHERE message IN (SELECT m.n FROM message AS m"
		 " JOIN frame AS r ON r.n = m.frame WHERE r.file = ?)"),
		"DELETE FROM message WHERE frame IN (SELECT n FROM frame WHERE file = ?)",
		"DELETE FROM file WHERE n = ?1 AND n IN (SELECT file FROM frame)",
		"DELETE FROM frame WHERE file = ?",
	};
	int64_t row;
	uint64_t end;
	int known = month_index_file(x, file, &row, &end);
	if (known <= 0)
		return known;
	for (size_t i = 0; i < sizeof(deletes) / sizeof(deletes[0]); i++) {
		sqlite3_stmt *st;
		int step = SQLITE_ERROR;
		if (index_prepare(x->db, deletes[i], &st) == 0) {
			sqlite3_bind_int64(st, 1, row);
			step = sqlite3_step(st);
		}
		if (step != SQLITE_DONE)
			index_log_error(x->db, "cannot delete from the index");
		sqlite3_finalize(st);
		if (step != SQLITE_DONE)
			return -1;
	}
	return 0;
}

/* Nobody adds to the month between the look at the holds and the end; the rows go last, so
 * that a crash leaves rows without a file, never a file that the index does not know. */
static int
remove_in_turn(struct pruning *p, struct month_index *x, const char *name, const char *path)
{
	struct stat st;
	bool there = lstat(path, &st) == 0;
	if (!there && errno != ENOENT) {
		prune_complain(p, "find", path);
		return -1;
	}
	if (file_stays(p, name) || chain_prune(&p->chain, p->name, name) < 0)
		return -1;
	if (there && (unlink(path) < 0 || io_sync_parent(path) < 0)) {
		prune_complain(p, "remove", path);
		return -1;
	}
	return delete_rows(x, name);
}

static void
remove_file(struct pruning *p, struct month_index *x, const char *name, const char *path)
{
	bool full = false;
	int rc = month_index_begin(x, &full);
	if (rc > 0)
		log_error("%s: its index was replaced meanwhile; run this again", p->dir);
	else if (rc == 0 && (rc = remove_in_turn(p, x, name, path)) < 0)
		month_index_rollback(x);
	else if (rc == 0)
		rc = month_index_commit(x, &full);
	p->failed = p->failed || rc != 0;
}

/* A file that somebody appends to waits for the next time. */
static void
prune_day_file(struct pruning *p, struct month_index *x, const char *name)
{
	char *path = xasprintf("%s/%s", p->dir, name);
	int fd = tar_file_open(path);
	int held = fd < 0 ? -1 : tar_file_hold(fd);
	if (held < 0 && errno != ENOENT)
		prune_complain(p, "take", path);
	else if (held == 0)
		log_info("%s is being written to; it goes another time", path);
	else if (held > 0)
		remove_file(p, x, name, path);
	if (fd >= 0)
		close(fd);
	free(path);
}

/* The files that the folder has. */
static void
prune_files(struct pruning *p, struct month_index *x)
{
	char **tars;
	size_t n;
	if (mail_archive_tars(p->dir, &tars, &n) < 0) {
		prune_complain(p, "read", p->dir);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (day_expired(p, tars[i]) && !file_stays(p, tars[i])) {
			prune_say(p, tars[i]);
			if (!p->dry_run && open_index(p, x))
				prune_day_file(p, x, tars[i]);
		}
		free(tars[i]);
	}
	free(tars);
}

/* What a crash has left of a file that went; but none goes that is under a hold. */
static void
prune_rows(struct pruning *p, struct month_index *x, const char *name)
{
	char *path = xasprintf("%s/%s", p->dir, name);
	struct stat st;
	bool gone = lstat(path, &st) < 0 && errno == ENOENT;
	int held = gone ? month_held_file(&p->held, name, false) : 0;
	if (held > 0)
		log_error("%s is not there, and messages in it are under a hold; take it from "
			  "a copy of the archive",
			path);
	if (held != 0)
		p->failed = true;
	else if (gone && open_index(p, x))
		remove_file(p, x, name, path);
	free(path);
}

/* The files that the index knows messages of; the caller frees each and the list. */
static int
indexed_files(struct pruning *p, char ***list, size_t *n)
{
	sqlite3 *db;
	int rc = index_open_read(p->dir, p->archive->keys, &db);
	*list = NULL;
	*n = 0;
	if (rc <= 0)
		return rc;
	rc = index_files(db, list, n);
	sqlite3_close(db);
	return rc;
}

void
prune_days(struct pruning *p)
{
	struct month_index x = {.lock = -1};
	char **names = NULL;
	size_t n = 0;
	prune_files(p, &x);
	if (!p->dry_run && indexed_files(p, &names, &n) < 0)
		p->failed = true;
	for (size_t i = 0; i < n; i++) {
		if (day_expired(p, names[i]))
			prune_rows(p, &x, names[i]);
		free(names[i]);
	}
	free(names);
	month_index_close(&x);
}
