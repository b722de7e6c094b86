#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_index.h"
#include "archive_keys.h"
#include "disk_full.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "month_index.h"
#include "month_index_sql.h"
#include "sqlite_crypt.h"

static int
exec(struct month_index *x, const char *sql)
{
	return sqlite3_exec(x->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int
take_turn(struct month_index *x)
{
	while (flock(x->lock, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		log_error("cannot lock the month: %s", strerror(errno));
		return -1;
	}
	return 0;
}

static void
end_turn(struct month_index *x)
{
	(void)flock(x->lock, LOCK_UN);
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
make_tables(struct month_index *x, const char *path)
{
	int rc = 0;
	if (take_turn(x) < 0)
		return -1;
	if (exec(x, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;"
		    "PRAGMA wal_autocheckpoint = 4000") < 0 ||
		update_tables(x, path) < 0) {
		index_log_error(x->db, "cannot make the index");
		rc = -1;
	} else if (exec(x, MONTH_INDEX_ORPHANS) < 0) {
		index_log_error(x->db, "cannot make a table");
		rc = -1;
	}
	end_turn(x);
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

int
month_index_open(struct month_index *x, const char *dir, const struct archive_keys *keys)
{
	char *path = xasprintf("%s/%s", dir, ARCHIVE_INDEX);
	char *lock = xasprintf("%s/lock", dir);
	int rc = -1;
	*x = (struct month_index){
		.keys = keys, .lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0640)};
	if (x->lock < 0)
		log_error("cannot open %s: %s", lock, strerror(errno));
	else if (sqlite3_open_v2(path, &x->db,
			 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			 archive_keys_vfs(keys)) != SQLITE_OK ||
		 (keys && sqlite_crypt_prepare(x->db) != SQLITE_OK))
		index_log_error(x->db, "cannot open the index");
	else {
		sqlite3_busy_timeout(x->db, 60000);
		rc = make_tables(x, path) < 0 || prepare_all(x) < 0 ? -1 : 0;
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

void
month_index_close(struct month_index *x)
{
	for (size_t i = 0; i < MONTH_INDEX_STATEMENTS; i++)
		sqlite3_finalize(x->statements[i]);
	sqlite3_close(x->db);
	if (x->lock >= 0)
		close(x->lock);
	*x = (struct month_index){.lock = -1};
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
