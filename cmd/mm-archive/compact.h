/* compact.h: a tar file that nobody adds to any more, cut into larger frames. */
#ifndef MM_COMPACT_H
#define MM_COMPACT_H

#include "chain.h"
#include "month_index.h"

#define COMPACT_MARK ".dense" /* 22-mx1-0001.dense1.tar.zst */
#define COMPACT_LEVEL 9

/* A month's folder while files of it are compacted. */
struct compact_month {
	const char *dir;
	char name[MONTH_NAME_SIZE];
	struct month_index index; /* .db NULL: nothing is to be changed */
	struct chain *chain;      /* may be one that is not there */
};

/* Writes what the index has of a file into a new one, tells the chain, makes the index
 * name the new one in one transaction, and removes the old one.  The caller holds the old one's
 * flock, and the index knows all of it but for what was never finished.  A crash at any moment
 * leaves either of both good, and doing it again brings it to its end.  0, or -1 after the
 * reason was logged. */
int compact_file(struct compact_month *m, const char *file, int64_t file_row);

#endif
