/* earlier.h: messages of the month before.  When a month is young, a message may
 * come again that the month before has, under another time of receiving. */
#ifndef MM_EARLIER_H
#define MM_EARLIER_H

#include "archive_index.h"

struct earlier {
	struct month month; /* of what is open, or could not be opened */
	sqlite3 *db;
	sqlite3_stmt *by_id;
};

/* When the month before has the message: sets *received to the time that it has.
 * What cannot be read is logged, once. */
void earlier_received(
	struct earlier *e, const struct mail_archive *a, struct str id, int64_t *received);
void earlier_release(struct earlier *e);

#endif
