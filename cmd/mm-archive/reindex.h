/* reindex.h: makes index rows of what tar files hold. */
#ifndef MM_REINDEX_H
#define MM_REINDEX_H

#include "month_index.h"

/* For the log: what is to be done when an index was taken from a copy. */
#define REINDEX_OLD_INDEX \
	"if the index is older than the files, remove index.db, index.db-wal and index.db-shm" \
	" and run mm-archive reindex"

/* Indexes the whole frames of a file from *end on, in one transaction, and moves
 * *end behind the last of them.  0, or -1 after the reason was logged. */
int reindex_tail(struct month_index *x, const char *dir, const char *file, int64_t file_row,
	uint64_t *end, bool *full);

/* Makes the index know the whole frames of a file of that size, whose flock the caller holds;
 * *end is behind the last.  0, or -1 after the reason was logged. */
int reindex_known(
	struct month_index *x, const char *dir, const char *name, uint64_t size, uint64_t *end);

/* The same for a file that is to have nothing else.  False after the reason was logged, also
 * when it has. */
bool reindex_held(struct month_index *x, const char *dir, const char *name, uint64_t size);

/* The same; *row is the file's, of which nothing is left that the index does not know. */
bool reindex_whole(
	struct month_index *x, const char *dir, const char *name, uint64_t size, int64_t *row);

#endif
