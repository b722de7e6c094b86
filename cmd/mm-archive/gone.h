/* gone.h: files of a month that are to be removed where they are found.  Who puts one file
 * into the place of another has the index's table `replaced` name the new one before it is
 * there, and the old one from the transaction on that makes the index name the new one; so
 * of the two, what a crash leaves beside the other is known. */
#ifndef MM_GONE_H
#define MM_GONE_H

#include "chain.h"
#include "month_index.h"

/* Within a transaction: the file is to be removed as long as `instead` is there, NULL for no
 * other, and is not the only copy of anything in its first `known` octets.  0, or -1 after the
 * reason was logged. */
int gone_add(struct month_index *x, const char *file, const char *instead, uint64_t known);
int gone_remove(struct month_index *x, const char *file); /* it is to stay */

/* In a transaction of its own, before a new file gets its name: until gone_remove() it is the
 * one that is to go.  0, or -1 after the reason was logged. */
int gone_announce(
	struct month_index *x, const char *dir, const char *file, const char *instead);

/* Does the table name any?  1 or 0, -1 after the reason was logged. */
int gone_any(sqlite3 *db);

/* May there be anything for gone_clear() to do?  1 or 0, -1 after the reason was logged.  It
 * needs no lock. */
int gone_pending(const char *dir, const struct archive_keys *keys);

/* Is a file, which the index does not name, one that gone_clear() removes?  1 or 0; where it
 * stays for what is only there, or nobody can tell, that was logged. */
int gone_is_left_over(
	sqlite3 *db, const char *dir, const char *name, const struct archive_keys *keys);

/* Empties the table, in a transaction of its own. */
int gone_end(struct month_index *x);

/* Removes the files and whatever was never finished (.part), durably.  The caller has the
 * month's folder by tar_rewrite_lock(); the index is only read.  0; 1 after it was
 * logged that a file stays, as it is the only copy of something; -1 after the reason was
 * logged.
 */
int gone_clear(const char *dir, const char *month, const struct archive_keys *keys,
	struct chain *chain);

#endif
