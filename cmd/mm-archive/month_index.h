/* month_index.h: a month's index.db as the one who writes it sees it: opened,
 * given its tables, changed in transactions that every process takes in turn. */
#ifndef MM_MONTH_INDEX_H
#define MM_MONTH_INDEX_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "index_text.h"
#include "mail_archive.h"
#include "record.h"
#include "tar_frame.h"

/* How long who reads is waited for. */
#define MONTH_INDEX_BUSY_MS 60000

struct month_index {
	const struct archive_keys *keys;
	sqlite3 *db;
	int lock; /* the month's lock file */
	sqlite3_stmt *statements[10];
};

struct index_frame {
	int64_t file; /* row of its file */
	uint64_t offset, length, raw;
	unsigned char sha256[32];
};

struct index_message {
	const struct record *rec;
	struct str id;
	int64_t received;
	int64_t frame; /* row of its frame */
	struct tar_entry head, eml;
	const struct index_text *text;
};

/* Opens the index of a folder that exists, making it if need be; a closed one, which is
 * read-only, is opened to be written again, also by begin below.  keys: the archive's,
 * which must stay; NULL when it is not encrypted.  0, or -1 after the reason was
 * logged; errno is ENOSPC when the disk is full. */
int month_index_open(struct month_index *x, const char *dir, const struct archive_keys *keys);
void month_index_close(struct month_index *x);

/* Has that folder an index?  That it has not is logged, with what to do. */
bool month_index_exists(const char *dir);

/* All that was committed comes to be in index.db itself, durably, and it is not open any more;
 * nobody writes it until month_index_close().  0, or -1 after the reason was logged, as when
 * somebody reads it for long. */
int month_index_settle(struct month_index *x);

/* Was the month pruned away, or its index replaced, since it was opened? */
bool month_index_gone(struct month_index *x);

/* A transaction.  begin waits for its turn; 1 from begin: it is gone, open it anew.  -1 after
 * the reason was logged, the transaction is then undone; *full is set (never cleared) when it
 * was for want of space. */
int month_index_begin(struct month_index *x, bool *full);
int month_index_commit(struct month_index *x, bool *full);
void month_index_rollback(struct month_index *x);

/* Merges the words and writes the index anew, without gaps and without a trace of what was
 * deleted; who writes waits meanwhile.  One that is large and encrypted keeps its gaps unless
 * something is to be erased, see month_index_vacuum.h.  0; 1 when somebody read it for too
 * long, so that what was there before is still in index.db or index.db-wal; -1 after the reason
 * was logged. */
int month_index_renew(struct month_index *x, bool erase);

/* Row of the message, 0 when there is none, -1 on error. */
int64_t month_index_find(struct month_index *x, struct str id);
bool month_index_has_recipient(struct month_index *x, int64_t message, struct str path);

/* Row and end (first octet that the index knows nothing of, 0 when it knows nothing of the
 * first frame) of a tar file.  1, 0 when it is not known, -1 on error. */
int month_index_file(struct month_index *x, const char *name, int64_t *row, uint64_t *end);

/* Length of the frame that it knows at that octet of the file of that row.  1, 0 when there is
 * none, -1 on error. */
int month_index_frame_at(struct month_index *x, int64_t file, uint64_t at, size_t *length);

/* Within a transaction; the row made, or -1 on error. */
int64_t month_index_add_file(struct month_index *x, const char *name);
int64_t month_index_add_frame(struct month_index *x, const struct index_frame *f);

/* Adds a message; if its id is there already, only its recipients.  1 when it was
 * there, 0 when not, -1 on error. */
int month_index_add(struct month_index *x, const struct index_message *m);

/* Adds recipients of a record to a message that is there.  If it is not, they are
 * kept until month_index_adopt(), which is for when all messages are there. */
int month_index_merge(struct month_index *x, struct str id, const struct record *rec);
int month_index_adopt(struct month_index *x);

#endif
