/* sqlite_crypt.h: an SQLite VFS above the default one that encrypts: every page of a
 * database and of its WAL is AES-256-GCM, so that its disk shows how many pages there are
 * and which of them a transaction changed, and nothing of what is in them.
 *
 * It is for databases of this kind alone, and refuses others rather than writing them in
 * the clear: pages of SQLITE_CRYPT_PAGE octets of which SQLite leaves the last
 * SQLITE_CRYPT_RESERVED to us, journal_mode WAL.  A new database must be told so before
 * anything is written: sqlite_crypt_prepare().
 *
 * The key of a database is derived from a data key, its newest one when the database was
 * made, and from the name of the folder that it is in: databases of different folders
 * have different keys, and one that is put into another folder cannot be read. */
#ifndef MM_SQLITE_CRYPT_H
#define MM_SQLITE_CRYPT_H

#include <sqlite3.h>

#include "data_keys.h"

#define SQLITE_CRYPT_PAGE 4096
#define SQLITE_CRYPT_RESERVED 32

/* Both may be called from any thread, and return NULL after the reason was logged. */
typedef const struct data_key *sqlite_crypt_newest(const void *ctx);
typedef const struct data_key *sqlite_crypt_find(
	const void *ctx, const unsigned char id[DATA_KEY_ID]);

/* Registers such a VFS.  NULL after the reason was logged.  Free it when all connections
 * that it opened are closed. */
struct sqlite_crypt;
struct sqlite_crypt *sqlite_crypt_new(
	sqlite_crypt_newest *newest, sqlite_crypt_find *find, const void *ctx);
void sqlite_crypt_free(struct sqlite_crypt *c); /* NULL is allowed */

const char *sqlite_crypt_name(const struct sqlite_crypt *c); /* for sqlite3_open_v2() */

/* For each connection that writes, before its first statement.  An SQLite result code. */
int sqlite_crypt_prepare(sqlite3 *db);

#endif
