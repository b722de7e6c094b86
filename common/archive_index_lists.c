#include "archive_index.h"
#include "mem.h"

int
index_numbers(sqlite3_stmt *st, int64_t **list, size_t *n)
{
	size_t cap = 0;
	int step;
	*list = NULL;
	*n = 0;
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		*list = xgrow(*list, &cap, *n + 1, sizeof(**list));
		(*list)[(*n)++] = sqlite3_column_int64(st, 0);
	}
	if (step != SQLITE_DONE)
		index_log_error(sqlite3_db_handle(st), "cannot read the index");
	sqlite3_finalize(st);
	return step == SQLITE_DONE ? 0 : -1;
}

int
index_files(sqlite3 *db, char ***list, size_t *n)
{
	sqlite3_stmt *st;
	size_t cap = 0;
	int step;
	*list = NULL;
	*n = 0;
	if (index_prepare(
		    db, "SELECT name FROM file WHERE n IN (SELECT file FROM frame)", &st) < 0)
		return -1;
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		*list = xgrow(*list, &cap, *n + 1, sizeof(**list));
		(*list)[(*n)++] = str_dup(index_text(st, 0));
	}
	if (step != SQLITE_DONE)
		index_log_error(db, "cannot read the index");
	sqlite3_finalize(st);
	return step == SQLITE_DONE ? 0 : -1;
}
