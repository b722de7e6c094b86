/* dmarc_database.h: the SQLite file that holds what aggregate reports are made of: a
 * row a message.  Many may write it while one reads. */
#ifndef MM_VERDICT_DMARC_DATABASE_H
#define MM_VERDICT_DMARC_DATABASE_H

#include <sqlite3.h>

/* Opened, and made if it is not there; or NULL after an error was logged. */
sqlite3 *dmarc_database_open(const char *path);

/* 0; or -1, and sqlite3_errmsg() says why. */
int dmarc_database_exec(sqlite3 *db, const char *sql);

#endif
