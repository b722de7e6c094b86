/* month_index_sql.h: the tables of an index and the statements that fill them;
 * private to month_index*.c.  mm-archive(5) says what they mean. */
#ifndef MM_MONTH_INDEX_SQL_H
#define MM_MONTH_INDEX_SQL_H

enum {
	SQL_FIND,
	SQL_HAS_RECIPIENT,
	SQL_FILE,
	SQL_FRAME_AT,
	SQL_ADD_FILE,
	SQL_ADD_FRAME,
	SQL_ADD_MESSAGE,
	SQL_ADD_TEXT,
	SQL_ADD_RECIPIENT,
	SQL_ADD_ORPHAN,
	MONTH_INDEX_STATEMENTS
};

extern const char *const month_index_sql[MONTH_INDEX_STATEMENTS];

/* AUTOINCREMENT: the words of a pruned message stay in `words` until the month
 * goes; its number must not come to mean another. */
#define MONTH_INDEX_TABLES \
	"BEGIN;" \
	"CREATE TABLE file(n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);" \
	"CREATE TABLE frame(n INTEGER PRIMARY KEY AUTOINCREMENT, file INTEGER NOT NULL," \
	" offset INTEGER NOT NULL, length INTEGER NOT NULL, raw INTEGER NOT NULL," \
	" sha256 BLOB NOT NULL, UNIQUE(file, offset));" \
	"CREATE TABLE message(n INTEGER PRIMARY KEY AUTOINCREMENT," \
	" id TEXT NOT NULL UNIQUE, received INTEGER NOT NULL, frame INTEGER NOT NULL," \
	" head_at INTEGER NOT NULL, head_size INTEGER NOT NULL, at INTEGER NOT NULL," \
	" size INTEGER NOT NULL, attachments INTEGER NOT NULL, date INTEGER NOT NULL," \
	" mail_from TEXT NOT NULL, ip TEXT NOT NULL, ingress TEXT NOT NULL," \
	" spf TEXT NOT NULL, dkim TEXT NOT NULL, dmarc TEXT NOT NULL," \
	" message_id TEXT NOT NULL, sender TEXT NOT NULL, subject TEXT NOT NULL," \
	" list_id TEXT NOT NULL DEFAULT '', arc TEXT NOT NULL DEFAULT '');" \
	"CREATE INDEX message_received ON message(received);" \
	"CREATE TABLE rcpt(message INTEGER NOT NULL, path TEXT NOT NULL," \
	" PRIMARY KEY(message, path)) WITHOUT ROWID;" \
	"CREATE VIRTUAL TABLE words USING fts5(sender, recipient, cc, subject," \
	" attachment, body, content='', columnsize=0," \
	" tokenize='ascii');" \
	"INSERT INTO words(words, rank) VALUES ('automerge', 8);" \
	"PRAGMA user_version = 2;" \
	"COMMIT"

/* What an index of version 1 lacks. */
#define MONTH_INDEX_STEP_2 \
	"BEGIN;" \
	"ALTER TABLE message ADD COLUMN list_id TEXT NOT NULL DEFAULT '';" \
	"ALTER TABLE message ADD COLUMN arc TEXT NOT NULL DEFAULT '';" \
	"PRAGMA user_version = 2;" \
	"COMMIT"

/* Recipients of messages that are not there (yet), of this connection. */
#define MONTH_INDEX_ORPHANS "CREATE TEMP TABLE orphan(id TEXT NOT NULL, path TEXT NOT NULL)"
#define MONTH_INDEX_ADOPT \
	"INSERT OR IGNORE INTO rcpt(message, path) SELECT m.n, o.path" \
	" FROM temp.orphan AS o JOIN message AS m ON m.id = o.id;" \
	"DELETE FROM temp.orphan"

#endif
