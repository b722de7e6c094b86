/* gzip.h: RFC 1952, in memory. */
#ifndef MM_GZIP_H
#define MM_GZIP_H

#include "buf.h"

/* Appends s compressed; the same each time.  Ends the program when memory runs out. */
void gzip_compress(struct buf *out, struct str s);

#endif
