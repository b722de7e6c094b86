/* store_sql.h: between store.c (files, transactions), store_schema.c (its tables and
 * statements), store_write.c (changes), store_read.c (queries), store_body.c
 * (messages), store_absorb.c and store_tidy.c (the intake). */
#ifndef MM_QUEUE_STORE_SQL_H
#define MM_QUEUE_STORE_SQL_H

#include <sqlite3.h>

#include "store.h"

enum statement {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ADD,
	SQL_ADD_BODY,
	SQL_ABSORB,
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
	SQL_PLACE,
	SQL_UNPLACE,
	SQL_INTAKE_NEW,
	SQL_INTAKE_BY_NAME,
	SQL_INTAKE_NAME,
	SQL_INTAKE_SET,
	SQL_INTAKE_LESS,
	SQL_INTAKE_DONE,
	SQL_INTAKE_FORGET,
	SQL_ANY_SPARSE,
	SQL_SPARSE,
	SQL_STATEMENTS
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *prepared[SQL_STATEMENTS];
	int turn; /* descriptor of DIR/turn; -1 when only reading */
	char *dir, *path;
	bool unsynced;  /* the transaction that is open */
	int64_t source; /* the file of the intake that source_fd has; 0: none */
	int source_fd;
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

/* The same for a statement whose one parameter is a number. */
int store_run_on(struct store *s, enum statement which, int64_t number, const char *what);

/* store_begin() for what need not last by itself: the commit does not wait for the
 * disk. */
int store_begin_unsynced(struct store *s);

/* A column's text or octets, valid until the next step; absent when NULL. */
struct str store_column(sqlite3_stmt *st, int i);

/* In a transaction: the message of a new row. */
int store_add_body(struct store *s, int64_t seq, const struct blob *body);

/* In a transaction: a message moves from the intake into the database. */
int store_take_body(struct store *s, int64_t seq, const struct blob *body);

/* One record of that file of the intake is gone. */
int store_intake_less(struct store *s, int64_t file);

/* Records that wait or are held, in files of the intake that few others need. */
int store_any_sparse(struct store *s); /* 1, 0, -1 */
int store_each_sparse(struct store *s, size_t limit, store_each *each, void *arg);

/* Makes the tables of a new queue, or of one of an earlier version. */
int store_check_schema(struct store *s, bool write, bool create);
int store_execute(struct store *s, const char *text, const char *what);
int store_pragma(struct store *s, const char *text, int64_t *out);
extern const char *const store_sql[SQL_STATEMENTS];

#endif
