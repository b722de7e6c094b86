/* compact.h: a tar file that nobody adds to any more, cut into larger frames. */
#ifndef MM_COMPACT_H
#define MM_COMPACT_H

#include "month_index.h"

#define COMPACT_MARK ".dense" /* 22-mx1-0001.dense1.tar.zst */
#define COMPACT_LEVEL 9

/* Writes what the index has of dir/file into a new file, makes the index name that in
 * one transaction, and removes the old one.  The caller holds the old one's flock, and
 * the index knows all of it.  A crash at any moment leaves either of both good, and
 * doing it again brings it to its end.  0, or -1 after the reason was logged. */
int compact_file(struct month_index *x, const char *dir, const char *file, int64_t file_row);

#endif
