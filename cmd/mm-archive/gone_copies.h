/* gone_copies.h: whether a file that an index wants to be removed is the only copy. */
#ifndef MM_GONE_COPIES_H
#define MM_GONE_COPIES_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "str.h"

struct archive_keys;
struct forgotten;

/* Is every message of the first `known` octets of dir/name in another file, by the index, that
 * is there, or among the forgotten?  1; 0 when not; -1; either after it was logged. */
int gone_has_copies(sqlite3 *db, const char *dir, const char *name, uint64_t known,
	const struct archive_keys *keys, struct forgotten *forgotten);

/* Names the index for that message a file of dir that is there? */
bool gone_has_message(sqlite3 *db, const char *dir, struct str id);

#endif
