/* reindex.h: makes index rows of what tar files hold. */
#ifndef MM_REINDEX_H
#define MM_REINDEX_H

#include "month_index.h"

/* Indexes the whole frames of a file from *end on, in one transaction, and moves
 * *end behind the last of them.  0, or -1 after the reason was logged. */
int reindex_tail(struct month_index *x, const char *dir, const char *file, int64_t file_row,
	uint64_t *end, bool *full);

#endif
