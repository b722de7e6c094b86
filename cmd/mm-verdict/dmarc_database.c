#include "dmarc_database.h"
#include "log.h"

#define BUSY_MS 5000
#define VERSION 1

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS policies (id INTEGER PRIMARY KEY, domain TEXT NOT NULL,"
	" record TEXT NOT NULL, method TEXT NOT NULL, UNIQUE (domain, record, method));"
	"CREATE TABLE IF NOT EXISTS messages (received INTEGER NOT NULL,"
	" policy INTEGER NOT NULL REFERENCES policies, source_ip TEXT NOT NULL,"
	" header_from TEXT NOT NULL, envelope_from TEXT NOT NULL, disposition TEXT NOT NULL,"
	" dkim_aligned TEXT NOT NULL, spf_aligned TEXT NOT NULL, overrides TEXT NOT NULL,"
	" spf_domain TEXT NOT NULL, spf_result TEXT NOT NULL, spf_reason TEXT NOT NULL,"
	" signatures TEXT NOT NULL);"
	"CREATE INDEX IF NOT EXISTS messages_received ON messages (received);"
	"PRAGMA user_version = 1;";

int
dmarc_database_exec(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int
version(sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	int found = -1;
	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
		sqlite3_step(st) == SQLITE_ROW)
		found = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return found;
}

static int
make(sqlite3 *db)
{
	if (dmarc_database_exec(db, "BEGIN IMMEDIATE") < 0 ||
		dmarc_database_exec(db, schema) < 0)
		return -1;
	return dmarc_database_exec(db, "COMMIT");
}

/* It is read in any case: that opens the files that SQLite needs beside the first,
 * which a filter cannot do later. */
static int
prepare(sqlite3 *db)
{
	int keep = 1;
	sqlite3_busy_timeout(db, BUSY_MS);
	(void)sqlite3_file_control(db, NULL, SQLITE_FCNTL_PERSIST_WAL, &keep);
	if (dmarc_database_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
				    "PRAGMA temp_store = MEMORY") < 0)
		return -1;
	int found = version(db);
	if (found > VERSION)
		log_error("the DMARC log is of a newer mm-verdict");
	return found == VERSION ? 0 : found == 0 ? make(db) : -1;
}

sqlite3 *
dmarc_database_open(const char *path)
{
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	if (rc == SQLITE_OK && prepare(db) == 0)
		return db;
	log_error("cannot use the DMARC log %s: %s", path,
		db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
	sqlite3_close(db);
	return NULL;
}
