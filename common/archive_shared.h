/* archive_shared.h: is an archive written by more than one host? */
#ifndef MM_ARCHIVE_SHARED_H
#define MM_ARCHIVE_SHARED_H

#include <stdbool.h>

#define ARCHIVE_SHARED "shared" /* the file in its directory that says so */

/* Does that file say so, or is it on a file system that other hosts have too?  Its indexes
 * then have no WAL, for which all must share memory, and who reads one holds up who writes
 * it, so that reading is to be short. */
bool archive_shared(const char *archive_dir);

#endif
