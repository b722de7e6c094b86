/* gone.h: files of a month that are to be removed where they are found.  Who puts one file
 * into the place of another has the index's table `gone` name the new one before it is
 * there, and the old one from the transaction on that makes the index name the new one; so
 * of the two, what a crash leaves beside the other is known. */
#ifndef MM_GONE_H
#define MM_GONE_H

#include "chain.h"
#include "month_index.h"

/* Within a transaction.  0, or -1 after the reason was logged. */
int gone_add(struct month_index *x, const char *file);
int gone_remove(struct month_index *x, const char *file); /* it is to stay */

/* Does the table name any?  1 or 0, -1 after the reason was logged. */
int gone_any(sqlite3 *db);

/* Empties the table, in a transaction of its own. */
int gone_end(struct month_index *x);

/* Removes the files and whatever was never finished (.part), durably.  The caller has the
 * month's folder by tar_rewrite_lock(); the index is only read.  0, or -1 after the reason
 * was logged. */
int gone_clear(const char *dir, const char *month, const struct archive_keys *keys,
	struct chain *chain);

#endif
