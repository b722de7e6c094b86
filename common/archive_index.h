/* archive_index.h: a month's index.db as readers see it, mm-archive(5). */
#ifndef MM_ARCHIVE_INDEX_H
#define MM_ARCHIVE_INDEX_H

#include <sqlite3.h>
#include <stdint.h>

#include "mail_archive.h"
#include "str.h"

#define INDEX_VERSION 2 /* PRAGMA user_version */

/* Opens a month's index for reading, also where the directory is not writable.  An
 * index of version 1 looks like one of version 2 that knows nothing new.  keys: the
 * archive's, which must stay; NULL when it is not encrypted.
 * 1, 0 when the month has no index (yet), -1 after the reason was logged. */
int index_open_read(const char *month_dir, const struct archive_keys *keys, sqlite3 **db);

/* The same without locks, see archive_quiet.h: 1, or 0 where that cannot be, which is not
 * logged. */
int index_open_quietly(const char *month_dir, const struct archive_keys *keys, sqlite3 **db);

/* Prepares a statement that is a constant text; -1 after the reason was logged. */
int index_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out);

/* From now on `message` is what of it meets the condition, for this connection; it has
 * prepared nothing that is still to run.  0, or -1 after the reason was logged. */
int index_narrow(sqlite3 *db, const char *condition);

void index_log_error(sqlite3 *db, const char *doing);

/* One message's row.  The views are valid until the statement is stepped on. */
struct archive_row {
	int64_t n;
	struct str id;
	int64_t received; /* ms */
	struct str file;  /* tar file's name within the month's folder */
	uint64_t frame_at, frame_size, frame_raw;
	uint64_t head_at, head_size; /* of the ID.envelope entry within the frame */
	uint64_t at, size;           /* of the ID.eml entry */
	int64_t attachments;
	struct str sender, subject; /* decoded */
};

/* SELECT INDEX_ROW FROM INDEX_TABLES WHERE ... gives rows for index_row(). */
#define INDEX_ROW \
	"m.n, m.id, m.received, f.name, r.offset, r.length, r.raw, m.head_at, " \
	"m.head_size, m.at, m.size, m.attachments, m.sender, m.subject"
#define INDEX_ROW_COLUMNS 14
#define INDEX_ROW_RECEIVED 2 /* which of them */
#define INDEX_TABLES \
	"message AS m JOIN frame AS r ON r.n = m.frame JOIN file AS f ON f.n = r.file"

void index_row(sqlite3_stmt *st, struct archive_row *row);

struct str index_text(sqlite3_stmt *st, int column);

/* Lists, so that nothing of the index is held while they are gone through; what there was
 * before -1, after the reason was logged, is in them too.  The caller frees each. */
int index_numbers(sqlite3_stmt *st, int64_t **list, size_t *n); /* finalizes st */
int index_files(sqlite3 *db, char ***list, size_t *n); /* that have frames; and the names */

#endif
