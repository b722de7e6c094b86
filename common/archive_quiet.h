/* archive_quiet.h: reading an index that nobody writes to.  SQLite's locks, and the memory
 * that it shares by them, take longer than a query of a small month.  Without them, what was
 * read is good only if nothing was written meanwhile. */
#ifndef MM_ARCHIVE_QUIET_H
#define MM_ARCHIVE_QUIET_H

#include <stdbool.h>
#include <sys/stat.h>

struct archive_quiet {
	struct stat index;
};

/* Has the month's index been let alone for a while, with nothing beside it that is still to
 * come into it?  It is on a file system of this host alone. */
bool archive_quiet_begin(struct archive_quiet *q, const char *month_dir);

/* And is it so since then?  Else what was read of it may never have been true. */
bool archive_quiet_still(const struct archive_quiet *q, const char *month_dir);

#endif
