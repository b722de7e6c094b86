/* sqlite_crypt_file.h: a file that sqlite_crypt.h's VFS has open; private to
 * sqlite_crypt*.c. */
#ifndef MM_SQLITE_CRYPT_FILE_H
#define MM_SQLITE_CRYPT_FILE_H

#include "sqlite_crypt_page.h"

enum crypt_kind {
	CRYPT_FILE_DATABASE,
	CRYPT_FILE_WAL,
	CRYPT_FILE_JOURNAL, /* may only have headers */
};

struct sqlite_crypt {
	sqlite3_vfs vfs; /* pAppData: this */
	sqlite3_vfs *below;
	sqlite_crypt_newest *newest;
	sqlite_crypt_find *find;
	const void *ctx;
};

struct crypt_file {
	sqlite3_file base;
	sqlite3_file *below; /* in the same memory, behind this */
	const struct sqlite_crypt *crypt;
	enum crypt_kind kind;
	const char *name; /* SQLite's */

	/* of databases */
	char *folder;
	struct page_key *key; /* NULL until it is needed */

	struct crypt_file *database; /* of this or that it belongs to; NULL for journals */
	unsigned char page[SQLITE_CRYPT_PAGE];
};

extern const sqlite3_io_methods crypt_file_methods;

/* The file's key, NULL after the reason was logged. */
struct page_key *crypt_file_key(struct crypt_file *f);

/* xRead and xWrite. */
int crypt_file_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at);
int crypt_file_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at);

#endif
