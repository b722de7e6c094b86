/* lookup.h: finds messages by id over the months of an archive. */
#ifndef MM_LOOKUP_H
#define MM_LOOKUP_H

#include "archive_frame.h"
#include "archive_hold.h"
#include "archive_query.h"
#include "mail_archive.h"

struct lookup_month {
	struct month month;
	bool opened, failed;
	sqlite3 *db; /* NULL: the month has no index; its `message` has what is shown */
	sqlite3_stmt *by_id;
	struct frame_reader frames;
	struct buf text; /* what the views of a row are into */
};

struct lookup {
	struct lookup_month *months; /* newest first */
	size_t n;
	struct lookup_month *last; /* that lookup_find() found something in */
	const struct mail_archive *archive;
	int64_t cutoff;              /* what was received then or before has expired */
	struct archive_holds *holds; /* what is under one is shown all the same */
};

/* 0, or -1 after the reason was logged. */
int lookup_init(struct lookup *l, const struct mail_archive *a, int64_t now);
void lookup_release(struct lookup *l);

/* 1: *row is the message (until the next call) in *month.  0: there is none.  -1
 * after the reason was logged. */
int lookup_find(
	struct lookup *l, struct str id, struct archive_row *row, struct lookup_month **month);

/* Calls `each` for every message that is shown and was received from `since` to before
 * `until` (ms), months in order of time, messages as they lie in the files.  -1 when
 * `each` said so, which ends it, or after the reason was logged. */
typedef int lookup_each(void *arg, struct lookup_month *m, const struct archive_row *row);
int lookup_range(struct lookup *l, int64_t since, int64_t until, lookup_each *each, void *arg);

/* The same for every message that is shown and that the query asks for. */
int lookup_query(struct lookup *l, const struct query *q, lookup_each *each, void *arg);

#endif
