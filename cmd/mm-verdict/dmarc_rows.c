#include "dmarc_database.h"
#include "dmarc_rows.h"

static const char *
text_at(sqlite3_stmt *st, int i)
{
	const char *text = (const char *)sqlite3_column_text(st, i);
	return text ? text : "";
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql, struct dmarc_period period)
{
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(st, 1, period.begin_ms);
	sqlite3_bind_int64(st, 2, period.end_ms);
	return st;
}

int
dmarc_rows_domains(sqlite3 *db, struct dmarc_period period, dmarc_domain_each *each, void *arg)
{
	/* of a group with one max() SQLite takes the other columns from its row */
	static const char sql[] =
		"SELECT domain, record, method, max(received) FROM messages"
		" JOIN policies ON policies.id = policy WHERE received >= ?1 AND received < ?2"
		" GROUP BY domain ORDER BY domain";
	sqlite3_stmt *st = prepare(db, sql, period);
	int rc = st ? SQLITE_ROW : SQLITE_ERROR;
	while (rc == SQLITE_ROW && (rc = sqlite3_step(st)) == SQLITE_ROW)
		each(arg, text_at(st, 0), text_at(st, 1), text_at(st, 2));
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

int
dmarc_rows_of(sqlite3 *db, const char *domain, struct dmarc_period period, dmarc_row_each *each,
	void *arg)
{
	static const char sql[] =
		"SELECT source_ip, header_from, envelope_from, disposition, dkim_aligned,"
		" spf_aligned, overrides, spf_domain, spf_result, spf_reason, signatures,"
		" count(*) AS n FROM messages"
		" WHERE received >= ?1 AND received < ?2 AND policy IN"
		" (SELECT id FROM policies WHERE domain = ?3)"
		" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"
		" ORDER BY n DESC, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 LIMIT ?4";
	const char *text[DMARC_COLUMNS] = {domain, "", ""};
	sqlite3_stmt *st = prepare(db, sql, period);
	int rc = st ? SQLITE_ROW : SQLITE_ERROR;
	if (st) {
		sqlite3_bind_text(st, 3, domain, -1, SQLITE_STATIC);
		sqlite3_bind_int(st, 4, DMARC_ROWS_MAX);
	}
	while (rc == SQLITE_ROW && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		for (int i = DMARC_SOURCE_IP; i < DMARC_COLUMNS; i++)
			text[i] = text_at(st, i - DMARC_SOURCE_IP);
		each(arg, text, sqlite3_column_int64(st, DMARC_COLUMNS - DMARC_SOURCE_IP));
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* In pieces, between which others may write. */
int
dmarc_rows_prune(sqlite3 *db, int64_t before_ms)
{
	static const char some[] =
		"DELETE FROM messages WHERE rowid IN (SELECT rowid FROM"
		" messages WHERE received >= ?1 AND received < ?2 LIMIT 5000)";
	static const char unused[] = "DELETE FROM policies WHERE NOT EXISTS (SELECT 1 FROM"
				     " messages WHERE policy = policies.id)";
	sqlite3_stmt *st = prepare(db, some, (struct dmarc_period){INT64_MIN, before_ms});
	int rc = st ? SQLITE_DONE : SQLITE_ERROR, changed = 1;
	while (rc == SQLITE_DONE && changed > 0) {
		rc = sqlite3_step(st);
		changed = sqlite3_changes(db);
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? dmarc_database_exec(db, unused) : -1;
}
