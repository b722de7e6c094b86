/* line_ends.h: messages as signatures see them. */
#ifndef MM_VERDICT_LINE_ENDS_H
#define MM_VERDICT_LINE_ENDS_H

#include "buf.h"

/* The octets with CRLF line ends: themselves if they have no others, else a copy in
 * `normal`, which must be empty. */
struct str line_ends_normal(struct str octets, struct buf *normal);

#endif
