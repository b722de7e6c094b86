/* Whatever is asked, the condition made of it is one that SQLite can prepare and
 * run, or the query is refused with a column inside it. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>

#include "archive_query.h"
#include "archive_query_sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char tables[] =
	"CREATE TABLE message(n INTEGER PRIMARY KEY, id, received, size, attachments, "
	"mail_from,"
	" arc, list_id, ip, ingress, spf, dkim, dmarc, message_id);"
	"CREATE TABLE rcpt(message, path);"
	"CREATE VIRTUAL TABLE words USING fts5(sender, recipient, cc, subject, attachment, "
	"body,"
	" content='', columnsize=0, tokenize='ascii');"
	"INSERT INTO message VALUES (1, 'a', 0, 5, 1, 'b@c', '', '', '192.0.2.1', 'in', "
	"'pass', '', "
	"'', 'x');"
	"INSERT INTO words(rowid, sender, body) VALUES (1, 'a', 'b c d')";

static void
run(sqlite3 *db, const struct query *q)
{
	struct query_sql sql;
	struct buf text = {0};
	sqlite3_stmt *st;
	query_sql_build(&sql, q);
	buf_addf(&text, "SELECT count(*) FROM message AS m WHERE ?1 <> ?2 AND %.*s",
		STR_ARG(buf_str(&sql.text)));
	if (sqlite3_prepare_v2(db, buf_cstr(&text), -1, &st, NULL) != SQLITE_OK ||
		sqlite3_bind_parameter_count(st) != (int)sql.n + 2)
		abort();
	query_sql_bind(&sql, st, 3);
	if (sqlite3_step(st) != SQLITE_ROW)
		abort();
	sqlite3_finalize(st);
	buf_release(&text);
	query_sql_release(&sql);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sqlite3 *db;
	struct query_error e;
	if (!db && (sqlite3_open(":memory:", &db) != SQLITE_OK ||
			   query_sql_functions(db, NULL) < 0 ||
			   sqlite3_exec(db, tables, NULL, NULL, NULL) != SQLITE_OK))
		abort();
	if (memchr(data, '\0', size))
		return 0;
	struct query *q = query_parse(str_n((const char *)data, size), 1795341600000, &e);
	if (!q && (e.column < 1 || e.column > size + 1 || !e.text[0]))
		abort();
	if (q) {
		(void)query_can_match(q, "box", 0, 1795341600000);
		run(db, q);
	}
	query_free(q);
	return 0;
}
