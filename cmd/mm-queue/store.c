#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk_full.h"
#include "io.h"
#include "mem.h"
#include "store_sql.h"

#define BUSY_MS 60000
#define SHRINK_FROM ((int64_t)64 << 20) /* octets of file */

int
store_note(struct store *s, const char *what)
{
	int system_errno = disk_errno_sqlite(s->db);
	s->full = disk_full_sqlite(s->db);
	(void)snprintf(s->error, sizeof(s->error), "%s: cannot %s: %s%s%s", s->path, what,
		sqlite3_errmsg(s->db), system_errno ? ": " : "",
		system_errno ? strerror(system_errno) : "");
	return -1;
}

static int
note_errno(struct store *s, const char *what)
{
	s->full = disk_full_errno(errno);
	(void)snprintf(s->error, sizeof(s->error), "%s: cannot %s: %s", s->path, what,
		strerror(errno));
	return -1;
}

sqlite3_stmt *
store_statement(struct store *s, enum statement which)
{
	sqlite3_stmt **st = &s->prepared[which];
	if (!*st && sqlite3_prepare_v3(s->db, store_sql[which], -1, SQLITE_PREPARE_PERSISTENT,
			    st, NULL) != SQLITE_OK) {
		store_note(s, "prepare a statement");
		return NULL;
	}
	sqlite3_reset(*st);
	sqlite3_clear_bindings(*st);
	return *st;
}

int
store_run(struct store *s, sqlite3_stmt *st, const char *what)
{
	if (!st)
		return -1;
	int rc = sqlite3_step(st);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		store_note(s, what);
	sqlite3_reset(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : -1;
}

int
store_run_on(struct store *s, enum statement which, int64_t number, const char *what)
{
	sqlite3_stmt *st = store_statement(s, which);
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, number);
	return store_run(s, st, what);
}

int
store_execute(struct store *s, const char *text, const char *what)
{
	if (sqlite3_exec(s->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return store_note(s, what);
	return 0;
}

int
store_pragma(struct store *s, const char *text, int64_t *out)
{
	sqlite3_stmt *st;
	if (sqlite3_prepare_v2(s->db, text, -1, &st, NULL) != SQLITE_OK)
		return store_note(s, "read the queue");
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(st, 0);
	else
		store_note(s, "read the queue");
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? 0 : -1;
}

static int
take_turn(struct store *s)
{
	return io_lock(s->turn, LOCK_EX) < 0 ? note_errno(s, "wait for the turn to write") : 0;
}

static void
end_turn(struct store *s)
{
	(void)flock(s->turn, LOCK_UN);
}

static void
end_unsynced(struct store *s)
{
	if (s->unsynced)
		(void)sqlite3_exec(s->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
	s->unsynced = false;
}

/* secure_delete FAST: octets of removed mail are overwritten where that needs no
 * further writing.  The page cache bounds what a transaction holds in memory;
 * the log is cut back after a burst. */
static int
set_up(struct store *s, enum store_use use)
{
	sqlite3_busy_timeout(s->db, BUSY_MS);
	if (store_execute(s, "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;",
		    "set up the queue") < 0)
		return -1;
	if (use == STORE_READ)
		return store_check_schema(s, false, false);
	if (take_turn(s) < 0)
		return -1;
	int rc = store_execute(s,
		"PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = "
		"FULL;"
		"PRAGMA secure_delete = FAST; PRAGMA wal_autocheckpoint = 2000;"
		"PRAGMA journal_size_limit = 67108864;",
		"set up the queue");
	if (rc == 0)
		rc = store_check_schema(s, true, use == STORE_CREATE);
	end_turn(s);
	return rc;
}

static int
open_files(struct store *s, const char *dir, enum store_use use)
{
	if (use == STORE_CREATE) {
		if (mkdir(dir, 0700) == 0) {
			if (io_sync_parent(dir) < 0)
				return note_errno(s, "make the directory durable");
		} else if (errno != EEXIST) {
			return note_errno(s, "make the directory");
		}
	}
	if (use != STORE_CREATE && access(s->path, F_OK) < 0)
		return note_errno(s, "open the queue");
	if (use != STORE_READ) {
		char *turn = xasprintf("%s/turn", dir);
		s->turn = open(turn, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		free(turn);
		if (s->turn < 0)
			return note_errno(s, "open the turn file beside it");
	}
	int flags = use == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	if (use == STORE_CREATE)
		flags |= SQLITE_OPEN_CREATE;
	mode_t mask = umask(077);
	int rc = sqlite3_open_v2(s->path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	umask(mask);
	return rc == SQLITE_OK ? 0 : store_note(s, "open the queue");
}

struct store *
store_open(const char *dir, enum store_use use, char *why, size_t size, bool *full)
{
	struct store *s = xcalloc(1, sizeof(*s));
	s->turn = s->source_fd = -1;
	s->dir = xstrdup(dir);
	s->path = xasprintf("%s/queue.db", dir);
	if (open_files(s, dir, use) == 0 && set_up(s, use) == 0)
		return s;
	(void)str_copy(str_of(s->error), why, size);
	*full = s->full;
	store_close(s);
	return NULL;
}

void
store_close(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SQL_STATEMENTS; i++)
		sqlite3_finalize(s->prepared[i]);
	sqlite3_close(s->db);
	if (s->turn >= 0)
		close(s->turn);
	if (s->source_fd >= 0)
		close(s->source_fd);
	free(s->dir);
	free(s->path);
	free(s);
}

const char *
store_error(const struct store *s)
{
	return s->error;
}

bool
store_full(const struct store *s)
{
	return s->full;
}

int
store_begin(struct store *s)
{
	if (take_turn(s) < 0)
		return -1;
	if (store_run(s, store_statement(s, SQL_BEGIN), "begin a transaction") == 0)
		return 0;
	end_turn(s);
	return -1;
}

int
store_begin_unsynced(struct store *s)
{
	if (store_execute(s, "PRAGMA synchronous = NORMAL", "begin a transaction") < 0)
		return -1;
	s->unsynced = true;
	int rc = store_begin(s);
	if (rc < 0)
		end_unsynced(s);
	return rc;
}

int
store_commit(struct store *s)
{
	if (store_run(s, store_statement(s, SQL_COMMIT), "commit") < 0) {
		store_rollback(s);
		return -1;
	}
	end_turn(s);
	end_unsynced(s);
	return 0;
}

void
store_rollback(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db))
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	end_turn(s);
	end_unsynced(s);
}

int
store_shrink(struct store *s)
{
	int64_t pages, page_size, rows;
	if (store_pragma(s, "PRAGMA page_count", &pages) < 0 ||
		store_pragma(s, "PRAGMA page_size", &page_size) < 0)
		return -1;
	if (pages * page_size < SHRINK_FROM)
		return 0;
	if (store_pragma(s, "SELECT EXISTS (SELECT 1 FROM message)", &rows) < 0)
		return -1;
	if (rows)
		return 0;
	if (take_turn(s) < 0)
		return -1;
	int rc = store_execute(s, "VACUUM", "shrink the queue");
	end_turn(s);
	return rc;
}
