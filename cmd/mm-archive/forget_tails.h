/* forget_tails.h: the ends of a month's tar files, before messages are erased. */
#ifndef MM_FORGET_TAILS_H
#define MM_FORGET_TAILS_H

#include "month_index.h"

/* Files that nobody appends to: what a crash left of them is indexed, where it is whole, and
 * else cut off, as the next one to append would do.  1; 0 after damage was logged, see tail.h;
 * -1 after the reason was logged. */
int forget_tails(struct month_index *x, const char *dir);

/* Is there a file of the month that has more than the index knows?  1, 0, or -1 after the
 * reason was logged. */
int forget_tails_any(const char *dir, const struct archive_keys *keys);

#endif
