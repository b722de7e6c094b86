/* places.h: the months of archives in which a query can match, and their indexes. */
#ifndef MM_PLACES_H
#define MM_PLACES_H

#include "archive_frame.h"
#include "archive_hold.h"
#include "archive_query_sql.h"

struct place {
	const struct mail_archive *archive;
	const struct archive_holds *holds; /* what is under one is shown all the same */
	struct month month;
	int64_t cutoff; /* what was received up to then is not shown */
	bool shared;    /* archive_shared.h */
};

/* holds: of each archive, NULL where they could not be read; they must stay.  Newest
 * first; the caller frees.  *failed is set when an archive could not be read,
 * after the reason was logged. */
struct place *places_find(const struct query *q, const struct mail_archive *archives,
	struct archive_holds *const *holds, size_t narchives, int64_t now, size_t *count,
	bool *failed);

/* An open month. */
struct reader {
	const struct place *place;
	sqlite3 *db;
	sqlite3_stmt *st;
	struct frame_reader frames;
};

/* Opens the month and prepares `sql`, of which ?1 is the time after which
 * messages are shown, ?2 the name of the
 * archive, and what follows the values of condition (NULL: there are none).
 * quietly: as index_open_quietly().  1, 0 when the month has no index (yet), -1 after the
 * reason was logged; close in either case. */
int reader_open(struct reader *r, const struct place *p, const char *sql,
	const struct query_sql *condition, bool quietly);
void reader_close(struct reader *r);

#endif
