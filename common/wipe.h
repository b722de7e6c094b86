/* wipe.h: secrets do not stay in memory that is free. */
#ifndef MM_WIPE_H
#define MM_WIPE_H

#include "buf.h"

/* Each overwrites with zeros, then frees.  NULL and {0} are allowed. */
void wipe_str(char *s);
void wipe_buf(struct buf *b); /* what it held before it moved is not in reach */

#endif
