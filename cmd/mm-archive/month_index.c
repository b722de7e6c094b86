#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_index.h"
#include "archive_keys.h"
#include "archive_shared.h"
#include "disk_full.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "month_index.h"
#include "month_index_sql.h"
#include "month_index_vacuum.h"
#include "sqlite_crypt.h"
#include "tar_file.h"

static int
exec(struct month_index *x, const char *sql)
{
	return sqlite3_exec(x->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int
take_turn(struct month_index *x)
{
	int rc = io_lock(x->lock, LOCK_EX);
	if (rc < 0)
		log_error("cannot lock the month: %s", strerror(errno));
	return rc;
}

static void
end_turn(struct month_index *x)
{
	(void)io_lock(x->lock, LOCK_UN);
}

/* A closed index is opened to be written again.  That is durable before anything is
 * written, and no descriptor of the index is closed for it: SQLite's locks would go. */
static int
reopen(struct month_index *x, const char *path)
{
	static const char *const beside[] = {"-wal", "-shm"};
	struct stat st;
	if (stat(path, &st) < 0 || !tar_file_is_closed(&st))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		char *other = xasprintf("%s%s", path, beside[i]);
		(void)chmod(other, (st.st_mode | S_IWUSR) & 07777);
		free(other);
	}
	if (chmod(path, (st.st_mode | S_IWUSR) & 07777) == 0 && syncfs(x->lock) == 0)
		return 0;
	log_error("%s is closed and cannot be opened again: %s", path, strerror(errno));
	return -1;
}

static int
version(struct month_index *x)
{
	sqlite3_stmt *st = NULL;
	int n = 0;
	if (sqlite3_prepare_v2(x->db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
		sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return n;
}

/* Gives a new index its tables, an old one what it lacks. */
static int
update_tables(struct month_index *x, const char *path)
{
	switch (version(x)) {
	case 0:
		return exec(x, MONTH_INDEX_TABLES) < 0 ? -1 : io_sync_parent(path);
	case 1:
		return exec(x, MONTH_INDEX_STEP_2);
	default:
		return 0;
	}
}

static int
set_journal(struct month_index *x, const char *dir)
{
	char *archive = xasprintf("%s/..", dir);
	bool shared = archive_shared(archive);
	free(archive);
	if (shared && x->keys) {
		log_error("%s: an encrypted archive cannot be shared by hosts, as its index "
			  "would have pages in the clear beside it",
			dir);
		return -1;
	}
	if (exec(x, shared ? "PRAGMA journal_mode = TRUNCATE" : "PRAGMA journal_mode = WAL") ==
		0)
		return 0;
	index_log_error(x->db, "cannot open the index");
	return -1;
}

static int
make_tables(struct month_index *x, const char *path)
{
	int rc = 0;
	if (exec(x, "PRAGMA synchronous = FULL;"
		    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;"
		    "PRAGMA wal_autocheckpoint = 4000") < 0 ||
		update_tables(x, path) < 0) {
		index_log_error(x->db, "cannot make the index");
		rc = -1;
	} else if (exec(x, MONTH_INDEX_ORPHANS) < 0) {
		index_log_error(x->db, "cannot make a table");
		rc = -1;
	}
	return rc;
}

static int
prepare_all(struct month_index *x)
{
	for (size_t i = 0; i < MONTH_INDEX_STATEMENTS; i++)
		if (index_prepare(x->db, month_index_sql[i], &x->statements[i]) < 0)
			return -1;
	return 0;
}

/* SQLite gives what it makes beside the index to the owner of that. */
static int
make_file(const char *path)
{
	int fd = access(path, F_OK) == 0 ? -1 : io_make(path, O_RDWR, 0640);
	if (fd < 0)
		return access(path, F_OK);
	close(fd);
	return 0;
}

static int
open_database(struct month_index *x, const char *dir, const char *path)
{
	if ((geteuid() == 0 && make_file(path) < 0) ||
		sqlite3_open_v2(path, &x->db,
			SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			archive_keys_vfs(x->keys)) != SQLITE_OK ||
		(x->keys && sqlite_crypt_prepare(x->db) != SQLITE_OK)) {
		index_log_error(x->db, "cannot open the index");
		return -1;
	}
	sqlite3_busy_timeout(x->db, MONTH_INDEX_BUSY_MS);
	return set_journal(x, dir) < 0 || make_tables(x, path) < 0 ? -1 : prepare_all(x);
}

int
month_index_open(struct month_index *x, const char *dir, const struct archive_keys *keys)
{
	char *path = xasprintf("%s/%s", dir, ARCHIVE_INDEX);
	char *lock = xasprintf("%s/lock", dir);
	int rc = -1;
	*x = (struct month_index){.keys = keys, .lock = io_make(lock, O_RDWR, 0640)};
	if (x->lock < 0)
		log_error("cannot open %s: %s", lock, strerror(errno));
	else if (take_turn(x) == 0) {
		rc = reopen(x, path) < 0 ? -1 : open_database(x, dir, path);
		end_turn(x);
	}
	free(path);
	free(lock);
	bool full = rc < 0 && x->db && disk_full_sqlite(x->db);
	if (rc < 0)
		month_index_close(x);
	if (full)
		errno = ENOSPC;
	return rc;
}

static void
close_database(struct month_index *x)
{
	for (size_t i = 0; i < MONTH_INDEX_STATEMENTS; i++) {
		sqlite3_finalize(x->statements[i]);
		x->statements[i] = NULL;
	}
	sqlite3_close(x->db);
	x->db = NULL;
}

/* Everything comes to be in index.db itself; where there is no WAL it is.  1: somebody reads
 * what was there before. */
static int
checkpoint(struct month_index *x)
{
	int written = -1;
	int rc = sqlite3_wal_checkpoint_v2(
		x->db, "main", SQLITE_CHECKPOINT_TRUNCATE, &written, NULL);
	if (rc == SQLITE_BUSY)
		return 1;
	return rc == SQLITE_OK && written <= 0 ? 0 : -1;
}

int
month_index_settle(struct month_index *x)
{
	if (take_turn(x) < 0)
		return -1;
	if (checkpoint(x) != 0) {
		index_log_error(x->db, "cannot put all of the index into its file");
		return -1;
	}
	close_database(x);
	return 0;
}

void
month_index_close(struct month_index *x)
{
	close_database(x);
	if (x->lock >= 0)
		close(x->lock);
	*x = (struct month_index){.lock = -1};
}

bool
month_index_exists(const char *dir)
{
	char *path = xasprintf("%s/%s", dir, ARCHIVE_INDEX);
	bool exists = access(path, F_OK) == 0;
	if (!exists)
		log_error("%s has no index; mm-archive reindex makes it", dir);
	free(path);
	return exists;
}

static int
failed(struct month_index *x, const char *doing, bool *full)
{
	*full = *full || disk_full_sqlite(x->db);
	index_log_error(x->db, doing);
	month_index_rollback(x);
	return -1;
}

bool
month_index_gone(struct month_index *x)
{
	struct stat st;
	int moved = 0;
	if (fstat(x->lock, &st) == 0 && st.st_nlink == 0)
		return true;
	(void)sqlite3_file_control(x->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	return moved != 0;
}

int
month_index_begin(struct month_index *x, bool *full)
{
	if (take_turn(x) < 0)
		return -1;
	if (month_index_gone(x)) {
		end_turn(x);
		return 1;
	}
	if (reopen(x, sqlite3_db_filename(x->db, "main")) < 0) {
		end_turn(x);
		return -1;
	}
	return exec(x, "BEGIN IMMEDIATE") < 0 ? failed(x, "cannot begin", full) : 0;
}

int
month_index_commit(struct month_index *x, bool *full)
{
	if (exec(x, "COMMIT") < 0)
		return failed(x, "cannot commit to the index", full);
	end_turn(x);
	return 0;
}

void
month_index_rollback(struct month_index *x)
{
	if (!sqlite3_get_autocommit(x->db))
		(void)exec(x, "ROLLBACK");
	end_turn(x);
}

int
month_index_renew(struct month_index *x, bool erase)
{
	if (take_turn(x) < 0)
		return -1;
	int rc = exec(x, "INSERT INTO words(words) VALUES('optimize')");
	if (rc < 0)
		index_log_error(x->db, "cannot merge the index");
	if (rc == 0 && (erase || !month_index_vacuum_is_costly(x)))
		rc = month_index_vacuum(x);
	if (rc == 0 && (rc = checkpoint(x)) < 0)
		index_log_error(x->db, "cannot put all of the index into its file");
	end_turn(x);
	return rc;
}
