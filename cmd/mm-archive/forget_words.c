#include "archive_index.h"
#include "forget_words.h"

/* The index is asked itself: another version of this program, or of a library, may take
 * other words out of the same message. */
#define READ \
	"DROP TABLE IF EXISTS temp.forget_words;" \
	"CREATE VIRTUAL TABLE temp.every_word USING fts5vocab('main', 'words', 'instance');" \
	"CREATE TEMP TABLE forget_words AS SELECT doc, col, term FROM temp.every_word" \
	" WHERE doc IN (SELECT n FROM temp.forgetting);" \
	"DROP TABLE temp.every_word;" \
	"CREATE INDEX temp.forget_words_of ON forget_words(doc, col)"

#define OF(column) \
	" (SELECT coalesce(group_concat(term, ' '), '') FROM temp.forget_words" \
	" WHERE doc = f.n AND col = '" column "')"

#define DELETE \
	"INSERT INTO words(words, rowid, sender, recipient, cc, subject, attachment, body)" \
	" SELECT 'delete', f.n," OF("sender") "," OF("recipient") "," OF("cc") "," OF( \
		"subject") "," OF("attachment") "," OF("body") " FROM temp.forgetting AS f"

int
forget_words_read(sqlite3 *db)
{
	if (sqlite3_exec(db, READ, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	index_log_error(db, "cannot read the words of the index");
	return -1;
}

int
forget_words_delete(sqlite3 *db)
{
	if (sqlite3_exec(db, DELETE, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	index_log_error(db, "cannot delete the words");
	return -1;
}
