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

#define SCHEMA_VERSION 1
#define APPLICATION_ID 0x6d6d7175 /* "mmqu" */
#define BUSY_MS 60000
#define SHRINK_FROM ((int64_t)64 << 20) /* octets of file */

/* seq is never used twice, so that a reader's "behind seq" misses nothing.  A
 * fresh row has no `next` and so is not in the index: most are tried once and
 * never enter it.  head is the record as added, progress what a worker made of
 * it. */
static const char schema[] =
	"CREATE TABLE message ("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id TEXT NOT NULL UNIQUE,"
	" queued INTEGER NOT NULL,"
	" next INTEGER,"
	" held INTEGER NOT NULL DEFAULT 0,"
	" attempts INTEGER NOT NULL DEFAULT 0,"
	" deaths INTEGER NOT NULL DEFAULT 0,"
	" size INTEGER NOT NULL,"
	" reply TEXT,"
	" progress BLOB,"
	" head BLOB NOT NULL);"
	"CREATE TABLE body (seq INTEGER PRIMARY KEY, octets BLOB NOT NULL);"
	"CREATE INDEX message_due ON message (next) WHERE next IS NOT NULL AND held = 0;";

#define ROW \
	"SELECT seq, queued, next, held, attempts, deaths, size, reply, " \
	"coalesce(progress, head) FROM message "

static const char *const sql[SQL_STATEMENTS] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ADD] = "INSERT INTO message (id, queued, size, head) VALUES (?1, ?2, ?3, ?4) "
		    "ON CONFLICT (id) DO NOTHING",
	[SQL_ADD_BODY] = "INSERT INTO body (seq, octets) VALUES (?1, ?2)",
	[SQL_REMOVE] = "DELETE FROM message WHERE seq = ?1",
	[SQL_REMOVE_BODY] = "DELETE FROM body WHERE seq = ?1",
	[SQL_DEFER] = "UPDATE message SET next = ?2, attempts = ?3, deaths = ?4, "
		      "held = CASE WHEN held = 0 THEN ?5 ELSE held END, "
		      "progress = coalesce(?6, progress), reply = ?7 WHERE seq = ?1",
	[SQL_HOLD_ID] = "UPDATE message SET held = 1 WHERE id = ?1 AND held = 0",
	[SQL_RETRY_ID] = "UPDATE message SET next = ?2 WHERE id = ?1",
	[SQL_RELEASE_ID] = "UPDATE message SET held = 0, deaths = 0, next = ?2 "
			   "WHERE id = ?1 AND held <> 0",
	[SQL_RETRY_ALL] = "UPDATE message SET next = ?1 WHERE next IS NOT NULL AND held = 0",
	[SQL_SEQ_OF_ID] = "SELECT seq FROM message WHERE id = ?1",
	[SQL_NEW] = ROW "WHERE seq > ?1 AND next IS NULL AND held = 0 ORDER BY seq",
	[SQL_DUE] = ROW "WHERE next IS NOT NULL AND held = 0 AND next <= ?1 "
			"AND (next, seq) > (?2, ?3) ORDER BY next, seq",
	[SQL_ROWS] = ROW "WHERE seq > ?1 ORDER BY seq LIMIT ?2",
	[SQL_BY_ID] = ROW "WHERE id = ?1",
	[SQL_BY_SEQ] = ROW "WHERE seq = ?1",
	[SQL_BODY] = "SELECT octets FROM body WHERE seq = ?1",
	[SQL_NEXT_DUE] = "SELECT min(next) FROM message "
			 "WHERE next IS NOT NULL AND held = 0 AND next > ?1",
	[SQL_STAT] = "SELECT count(*), total(size), total(held = 0 AND next IS NULL), "
		     "total(held = 0 AND next IS NOT NULL), total(held <> 0), min(queued) "
		     "FROM message",
};

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
	if (!*st && sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, st,
			    NULL) != SQLITE_OK) {
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

static int
execute(struct store *s, const char *text, const char *what)
{
	if (sqlite3_exec(s->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return store_note(s, what);
	return 0;
}

static int
pragma_number(struct store *s, const char *text, int64_t *out)
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
	while (flock(s->turn, LOCK_EX) < 0)
		if (errno != EINTR)
			return note_errno(s, "wait for the turn to write");
	return 0;
}

static void
end_turn(struct store *s)
{
	(void)flock(s->turn, LOCK_UN);
}

static int
check_version(struct store *s, bool create)
{
	int64_t version;
	if (pragma_number(s, "PRAGMA user_version", &version) < 0)
		return -1;
	if (version == SCHEMA_VERSION)
		return 0;
	if (version == 0 && create) {
		char set[128];
		(void)snprintf(set, sizeof(set),
			"PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
			APPLICATION_ID, SCHEMA_VERSION);
		if (execute(s, "BEGIN IMMEDIATE", "make the queue") < 0 ||
			execute(s, schema, "make the queue") < 0 ||
			execute(s, set, "make the queue") < 0)
			return -1;
		return 0;
	}
	(void)snprintf(s->error, sizeof(s->error),
		"%s: expected a queue of version %d, found %lld", s->path, SCHEMA_VERSION,
		(long long)version);
	return -1;
}

/* secure_delete FAST: octets of removed mail are overwritten where that needs no
 * further writing.  The page cache bounds what a transaction holds in memory;
 * the log is cut back after a burst. */
static int
set_up(struct store *s, enum store_use use)
{
	sqlite3_busy_timeout(s->db, BUSY_MS);
	if (execute(s, "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;",
		    "set up the queue") < 0)
		return -1;
	if (use == STORE_READ)
		return check_version(s, false);
	if (take_turn(s) < 0)
		return -1;
	int rc = execute(s,
		"PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = "
		"FULL;"
		"PRAGMA secure_delete = FAST; PRAGMA wal_autocheckpoint = 2000;"
		"PRAGMA journal_size_limit = 67108864;",
		"set up the queue");
	if (rc == 0)
		rc = check_version(s, use == STORE_CREATE);
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
	s->turn = -1;
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
store_commit(struct store *s)
{
	if (store_run(s, store_statement(s, SQL_COMMIT), "commit") == 0) {
		end_turn(s);
		return 0;
	}
	store_rollback(s);
	return -1;
}

void
store_rollback(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db))
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	end_turn(s);
}

int
store_shrink(struct store *s)
{
	int64_t pages, page_size, rows;
	if (pragma_number(s, "PRAGMA page_count", &pages) < 0 ||
		pragma_number(s, "PRAGMA page_size", &page_size) < 0)
		return -1;
	if (pages * page_size < SHRINK_FROM)
		return 0;
	if (pragma_number(s, "SELECT EXISTS (SELECT 1 FROM message)", &rows) < 0)
		return -1;
	if (rows)
		return 0;
	if (take_turn(s) < 0)
		return -1;
	int rc = execute(s, "VACUUM", "shrink the queue");
	end_turn(s);
	return rc;
}
