/* archive_hold.h: legal holds of an archive, which are documents DIR/holds/NAME.json,
 * mm-archive(5).  What is under a hold outlives its retention, now and whenever it
 * comes; nothing in an index says so, the holds are asked. */
#ifndef MM_ARCHIVE_HOLD_H
#define MM_ARCHIVE_HOLD_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

#define ARCHIVE_HOLDS "holds" /* the folder's name */

struct problems;
struct query;

struct archive_hold {
	char *name, *reason, *created, *by;
	char *query_text;    /* NULL: none */
	struct query *query; /* what it says, or NULL */
	char **ids;          /* sorted */
	size_t nids;
};

struct archive_holds {
	struct archive_hold *list; /* by name */
	size_t n;
};

/* All holds of an archive; one without a folder of holds has none.  NULL after the
 * reason was logged, and then nobody can say that a message is under no hold: nothing
 * may be removed.  archive_holds_free() after use. */
struct archive_holds *archive_holds_load(const char *archive_dir);
void archive_holds_free(struct archive_holds *h); /* NULL is allowed */
size_t archive_holds_count(const struct archive_holds *h);

/* Reads one document; `file` is for messages.  0, or -1 with the problems added; release in
 * either case. */
int archive_hold_parse(
	struct archive_hold *h, const char *file, struct str text, struct problems *ps);
void archive_hold_release(struct archive_hold *h);

/* Reads a query as holds may have it: without in: and without dates that move.  NULL
 * with *e filled in. */
struct query_error;
struct query *archive_hold_query(struct str text, struct query_error *e);

/* A month's index must be open in these; each gives -1 after the reason was logged. */

/* Is message row n under this hold?  1 or 0. */
int archive_hold_covers(const struct archive_hold *h, sqlite3 *db, int64_t n);

/* The first hold that message row n is under: 1 and its name, which stays as long as
 * h does; 0: it is under none. */
int archive_holds_find(
	const struct archive_holds *h, sqlite3 *db, int64_t n, const char **name);

/* Fills the connection's table temp.held(n, hold) anew: each message received at or
 * before `until` (ms) that is under a hold, with the hold's place in the list. */
int archive_holds_mark(const struct archive_holds *h, sqlite3 *db, int64_t until);

/* From now on the connection's `message` has only what was received after the cutoff or
 * is under a hold, see index_narrow(); temp.held has what was not. */
int archive_holds_show(const struct archive_holds *h, sqlite3 *db, int64_t cutoff);

/* Takes the lock of an archive's holds, making their folder if need be: shared by those
 * who remove messages for as long as they rely on the holds that they have read,
 * exclusive by those who change holds.  Waits, and says so on a terminal.  Close the
 * descriptor to let go; -1 after the reason was logged. */
int archive_holds_lock(const char *archive_dir, bool exclusive);

#endif
