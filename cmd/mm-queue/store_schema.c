#include <stdio.h>

#include "store_sql.h"

#define SCHEMA_VERSION 2
#define APPLICATION_ID 0x6d6d7175 /* "mmqu" */

/* seq is never used twice, so that a reader's "behind seq" misses nothing.  A
 * fresh row has no `next` and so is not in the indexes: most are tried once and
 * never enter them.  head is the record as added, progress what a worker made of
 * it.  The message is in body, or at that place of a file of the intake, of which
 * `absorbed` octets are known, `total` records were made rows, and `live` of those are
 * there still. */
#define INTAKE_COLUMNS " intake INTEGER, at INTEGER"
#define INTAKE_TABLES \
	"CREATE TABLE intake (n INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE," \
	" absorbed INTEGER NOT NULL DEFAULT 0, salt INTEGER NOT NULL DEFAULT 0," \
	" total INTEGER NOT NULL DEFAULT 0, live INTEGER NOT NULL DEFAULT 0);" \
	"CREATE INDEX message_intake ON message (intake)" \
	" WHERE intake IS NOT NULL AND (next IS NOT NULL OR held <> 0);"

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
	" head BLOB NOT NULL," INTAKE_COLUMNS ");"
	"CREATE TABLE body (seq INTEGER PRIMARY KEY, octets BLOB NOT NULL);"
	"CREATE INDEX message_due ON message (next) WHERE next IS NOT NULL AND held = "
	"0;" INTAKE_TABLES;

static const char from_version_1[] = "ALTER TABLE message ADD COLUMN intake INTEGER;"
				     "ALTER TABLE message ADD COLUMN at INTEGER;" INTAKE_TABLES;

/* A quarter is left, of a file that is worth it. */
#define SPARSE "live > 0 AND live * 4 <= total AND absorbed >= 1048576"

#define ROW \
	"SELECT seq, queued, next, held, attempts, deaths, size, reply, " \
	"coalesce(progress, head) FROM message "

const char *const store_sql[SQL_STATEMENTS] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ADD] = "INSERT INTO message (id, queued, size, head) VALUES (?1, ?2, ?3, ?4) "
		    "ON CONFLICT (id) DO NOTHING",
	[SQL_ADD_BODY] = "INSERT INTO body (seq, octets) VALUES (?1, ?2)",
	[SQL_ABSORB] = "INSERT INTO message (id, queued, size, head, intake, at, held) "
		       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
	[SQL_REMOVE] = "DELETE FROM message WHERE seq = ?1 RETURNING intake",
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
	[SQL_PLACE] = "SELECT intake, at FROM message WHERE seq = ?1 AND intake IS NOT NULL",
	[SQL_UNPLACE] = "UPDATE message SET intake = NULL, at = NULL WHERE seq = ?1",
	[SQL_INTAKE_NEW] =
		"INSERT INTO intake (name) VALUES (?1) ON CONFLICT (name) DO NOTHING",
	[SQL_INTAKE_BY_NAME] =
		"SELECT n, absorbed, salt, total, live FROM intake WHERE name = ?1",
	[SQL_INTAKE_NAME] = "SELECT name FROM intake WHERE n = ?1",
	[SQL_INTAKE_SET] = "UPDATE intake SET absorbed = ?2, salt = ?3, total = ?4, live = ?5 "
			   "WHERE n = ?1",
	[SQL_INTAKE_LESS] = "UPDATE intake SET live = live - 1 WHERE n = ?1",
	[SQL_INTAKE_DONE] = "SELECT n, absorbed, name FROM intake WHERE n > ?1 AND live = 0 "
			    "AND absorbed > 0 ORDER BY n LIMIT 1",
	[SQL_INTAKE_FORGET] = "DELETE FROM intake WHERE n = ?1 AND live = 0",
	[SQL_ANY_SPARSE] = "SELECT EXISTS (SELECT 1 FROM intake WHERE " SPARSE ")",
	[SQL_SPARSE] =
		ROW "WHERE intake IN (SELECT n FROM intake WHERE " SPARSE ") "
		    "AND intake IS NOT NULL AND (next IS NOT NULL OR held <> 0) LIMIT ?1",
};

static int
make_schema(struct store *s, const char *text)
{
	char set[128];
	(void)snprintf(set, sizeof(set),
		"PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", APPLICATION_ID,
		SCHEMA_VERSION);
	if (store_execute(s, "BEGIN IMMEDIATE", "make the queue") < 0 ||
		store_execute(s, text, "make the queue") < 0)
		return -1;
	return store_execute(s, set, "make the queue");
}

int
store_check_schema(struct store *s, bool write, bool create)
{
	int64_t version;
	if (store_pragma(s, "PRAGMA user_version", &version) < 0)
		return -1;
	if (version == SCHEMA_VERSION)
		return 0;
	if (version == 0 && create)
		return make_schema(s, schema);
	if (version == 1 && write)
		return make_schema(s, from_version_1);
	(void)snprintf(s->error, sizeof(s->error),
		"%s: expected a queue of version %d, found %lld", s->path, SCHEMA_VERSION,
		(long long)version);
	return -1;
}
