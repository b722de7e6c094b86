/* sqlite_memory_file.h: an SQLite file that is in memory alone, for what SQLite would
 * put into a temporary file. */
#ifndef MM_SQLITE_MEMORY_FILE_H
#define MM_SQLITE_MEMORY_FILE_H

#include <sqlite3.h>

#include "buf.h"

struct sqlite_memory_file {
	sqlite3_file base;
	struct buf octets;
};

/* Makes an empty one, for xOpen. */
void sqlite_memory_file_open(struct sqlite_memory_file *f);

#endif
