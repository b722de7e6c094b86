/* archive_query_sql.h: a query as a condition of SQL.  What the query says goes into
 * bound parameters only. */
#ifndef MM_ARCHIVE_QUERY_SQL_H
#define MM_ARCHIVE_QUERY_SQL_H

#include <sqlite3.h>

#include "archive_frame.h"
#include "buf.h"
#include "archive_query.h"

struct sql_value {
	char *text; /* owned, or NULL: number */
	int64_t number;
};

#define QUERY_SQL_ARCHIVE "?2" /* the parameter that names the archive */

struct query_sql {
	struct buf text; /* a condition on `message AS m` */
	struct sql_value *values;
	size_t n, cap;
};

void query_sql_build(struct query_sql *s, const struct query *q);
void query_sql_release(struct query_sql *s);

/* Gives the connection the functions that conditions call; frames are its month's;
 * NULL: without what QUERY_HEADER asks for.  0, or -1. */
int query_sql_functions(sqlite3 *db, struct frame_reader *frames);

/* Binds the values to parameters first, first + 1, ... */
void query_sql_bind(const struct query_sql *s, sqlite3_stmt *st, int first);

#endif
