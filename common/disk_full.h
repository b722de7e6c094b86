/* disk_full.h: was it for want of space that something could not be written? */
#ifndef MM_DISK_FULL_H
#define MM_DISK_FULL_H

#include <sqlite3.h>
#include <stdbool.h>

bool disk_full_errno(int system_errno);

/* The errno behind SQLite's last error on db; 0 when it does not say. */
int disk_errno_sqlite(sqlite3 *db);
bool disk_full_sqlite(sqlite3 *db);

#endif
