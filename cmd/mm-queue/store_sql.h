/* store_sql.h: between store.c (files, transactions, changes) and store_read.c
 * (queries). */
#ifndef MM_QUEUE_STORE_SQL_H
#define MM_QUEUE_STORE_SQL_H

#include <sqlite3.h>

#include "store.h"

enum statement {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ADD,
	SQL_ADD_BODY,
	SQL_REMOVE,
	SQL_REMOVE_BODY,
	SQL_DEFER,
	SQL_HOLD_ID,
	SQL_RETRY_ID,
	SQL_RELEASE_ID,
	SQL_RETRY_ALL,
	SQL_SEQ_OF_ID,
	SQL_NEW,
	SQL_DUE,
	SQL_ROWS,
	SQL_BY_ID,
	SQL_BY_SEQ,
	SQL_BODY,
	SQL_NEXT_DUE,
	SQL_STAT,
	SQL_STATEMENTS
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *prepared[SQL_STATEMENTS];
	int turn; /* descriptor of DIR/turn; -1 when only reading */
	char *path;
	bool full;
	char error[512];
};

#define STORE_CHUNK 262144 /* octets of a large message handled at a time */

/* Prepared once, reset, without bindings; NULL with the error noted. */
sqlite3_stmt *store_statement(struct store *s, enum statement which);

/* Notes the error of the connection and returns -1. */
int store_note(struct store *s, const char *what);

/* Steps a statement that gives no rows, and resets it. */
int store_run(struct store *s, sqlite3_stmt *st, const char *what);

#endif
