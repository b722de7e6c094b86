/* import_time.h: when a message from elsewhere was received. */
#ifndef MM_IMPORT_TIME_H
#define MM_IMPORT_TIME_H

#include "source.h"

/* Milliseconds of, the first that can be read and is neither before 1971 nor after
 * tomorrow: the topmost Received field; the mbox From_ line; the Date field; the
 * file's time of change; `now`. */
int64_t import_time(const struct found *f, int64_t now);

#endif
