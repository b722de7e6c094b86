/* hold_count.h: how much of an archive is under its holds. */
#ifndef MM_HOLD_COUNT_H
#define MM_HOLD_COUNT_H

#include "archive_hold.h"
#include "mail_archive.h"

struct hold_count {
	int64_t messages, octets;
};

/* Counts for each hold of the list, whether the messages have expired or not; counts
 * has as many places.  found, unless NULL: for a new hold, the first; one place for each id of
 * it, set to true where there is such a message, and all files with its messages must be there.
 * 0, or -1 after the reason was logged. */
int hold_count(const struct mail_archive *a, const struct archive_holds *h,
	struct hold_count *counts, bool *found);

#endif
