/* verify_impl.h: a month that is verified: verify.c, and verify_frames.c. */
#ifndef MM_VERIFY_IMPL_H
#define MM_VERIFY_IMPL_H

#include "archive_frame.h"
#include "mail_archive.h"
#include "tar_frame.h"

struct chain_check;

struct verify_entry {
	char *name;
	struct tar_entry where;
};

struct checking {
	const struct chain_check *chain;
	char month[MONTH_NAME_SIZE];
	char *dir;
	sqlite3 *db;
	sqlite3_stmt *by_id, *by_row;
	struct frame_reader frames;
	struct verify_entry *entries; /* of the frame being checked */
	size_t n, cap;
	int64_t messages; /* of the index */
	size_t checked, frame_count, problems;
};

/* Each frame that the index knows, against its hash and the index.  Mail that is added
 * meanwhile is in newer ones, and is not waited for: where the index has no WAL, who commits
 * waits for who reads.  0, or -1 when the index cannot be read, after the reason was logged. */
int verify_frames(struct checking *c);

/* The numbers that a statement about `text` (NULL: none) gives, -1 where it fails. */
void verify_ask(sqlite3 *db, const char *sql, const char *text, int64_t *numbers, int n);

#endif
