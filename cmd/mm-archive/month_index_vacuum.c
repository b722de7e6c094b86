#include <stdlib.h>

#include "archive_index.h"
#include "month_index_vacuum.h"

#define MEMORY_MAX (128 << 20)

/* A connection of its own: where temporary tables are cannot be changed for one that has
 * some. */
static int
vacuum(sqlite3 *db)
{
	int rc = sqlite3_exec(db, "VACUUM", NULL, NULL, NULL);
	if (rc == SQLITE_OK || rc == SQLITE_BUSY)
		return rc == SQLITE_BUSY;
	index_log_error(db, "cannot write the index anew");
	return -1;
}

static int
vacuum_in_file(const char *path)
{
	sqlite3 *db = NULL;
	int rc = -1;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
			SQLITE_OK &&
		sqlite3_busy_timeout(db, MONTH_INDEX_BUSY_MS) == SQLITE_OK &&
		sqlite3_exec(db, "PRAGMA temp_store = FILE; PRAGMA cache_size = -16000", NULL,
			NULL, NULL) == SQLITE_OK)
		rc = vacuum(db);
	else
		index_log_error(db, "cannot open the index");
	sqlite3_close(db);
	return rc;
}

int
month_index_vacuum(struct month_index *x)
{
	if (!x->keys)
		return vacuum_in_file(sqlite3_db_filename(x->db, "main"));
	return vacuum(x->db);
}

static int64_t
pragma(struct month_index *x, const char *sql)
{
	sqlite3_stmt *st;
	int64_t n = 0;
	if (index_prepare(x->db, sql, &st) == 0 && sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

bool
month_index_vacuum_is_costly(struct month_index *x)
{
	int64_t pages = pragma(x, "PRAGMA page_count") - pragma(x, "PRAGMA freelist_count");
	return x->keys && pages * pragma(x, "PRAGMA page_size") > MEMORY_MAX;
}
