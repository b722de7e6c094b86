#include <errno.h>
#include <stddef.h>

#include "disk_full.h"

bool
disk_full_errno(int system_errno)
{
	return system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
}

/* SQLite keeps it by file: of the write-ahead log, else of the database. */
int
disk_errno_sqlite(sqlite3 *db)
{
	sqlite3_file *log = NULL;
	int code = sqlite3_errcode(db), e = 0;
	if (code != SQLITE_IOERR && code != SQLITE_CANTOPEN)
		return 0;
	if (sqlite3_file_control(db, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
		log && log->pMethods)
		(void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &e);
	if (!e)
		(void)sqlite3_file_control(db, NULL, SQLITE_FCNTL_LAST_ERRNO, &e);
	return e ? e : sqlite3_system_errno(db);
}

bool
disk_full_sqlite(sqlite3 *db)
{
	return sqlite3_errcode(db) == SQLITE_FULL || disk_full_errno(disk_errno_sqlite(db));
}
