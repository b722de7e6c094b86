/* gzip.h: RFC 1952, in memory. */
#ifndef MM_VERDICT_GZIP_H
#define MM_VERDICT_GZIP_H

#include "buf.h"

/* Appends s compressed; the same each time. */
void gzip_compress(struct buf *out, struct str s);

#endif
