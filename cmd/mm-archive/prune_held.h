/* prune_held.h: which files of a month may not go, because messages in them are under a
 * legal hold, archive_hold.h. */
#ifndef MM_PRUNE_HELD_H
#define MM_PRUNE_HELD_H

#include "archive_hold.h"
#include "archive_index.h"

struct month_held {
	const struct archive_holds *holds;
	const char *dir;
	sqlite3 *db; /* NULL: there are no holds to ask */
	int64_t version;
};

/* The holds and the names must stay.  0, or -1 after the reason was logged, as when there
 * is no index that could be asked: then nothing of the month may go.  Close in either
 * case. */
int month_held_open(struct month_held *h, const struct archive_holds *holds, const char *dir,
	const struct archive_keys *keys);
void month_held_close(struct month_held *h);

/* Must this file, or with NULL some file, stay?  1 or 0 as it is now; -1 after the
 * reason was logged.  tell: log which holds keep the file. */
int month_held_file(struct month_held *h, const char *name, bool tell);

#endif
