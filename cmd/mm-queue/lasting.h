/* lasting.h: the fields of a record that the queue keeps: all but those of a caller
 * (`tag`), of an outcome, and of an attempt. */
#ifndef MM_QUEUE_LASTING_H
#define MM_QUEUE_LASTING_H

#include "record.h"

/* Appends them as they stand in a stream, a line each. */
void lasting_fields(struct buf *b, const struct record *r);

#endif
