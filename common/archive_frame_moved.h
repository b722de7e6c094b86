/* archive_frame_moved.h: where a message is now.  compact and forget put another file in the
 * place of the one that a row names, which who began to read before may still have. */
#ifndef MM_ARCHIVE_FRAME_MOVED_H
#define MM_ARCHIVE_FRAME_MOVED_H

#include "archive_frame.h"

/* The row, or when its file has gone, one that the index has now of the same id: valid until
 * the next call, and no longer than the row. */
const struct archive_row *frame_row_now(struct frame_reader *fr, const struct archive_row *row);

#endif
