/* hold_write.h: what `hold add` and `hold remove` leave on the disk. */
#ifndef MM_HOLD_WRITE_H
#define MM_HOLD_WRITE_H

#include "archive_hold.h"
#include "mail_archive.h"

/* Both with the lock of the archive's holds taken.  They append to holds/log.jsonl first,
 * so that no hold is made or goes that the log does not know, and tell the archive's chain.
 * Durable when they return 0; -1 after the reason was logged. */
int hold_write(const struct mail_archive *a, const struct archive_hold *h);
int hold_unlink(const struct mail_archive *a, const char *name, const char *reason);

/* DIR/holds/NAME.json; the caller frees. */
char *hold_path(const char *archive_dir, const char *name);

/* The document: Name, Reason, Query, Ids, Created, By. */
struct json_t *hold_json(const struct archive_hold *h);

#endif
