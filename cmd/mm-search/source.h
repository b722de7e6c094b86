/* source.h: a place that is read, row by row. */
#ifndef MM_SOURCE_H
#define MM_SOURCE_H

#include "places.h"

struct source {
	struct reader reader;
	bool more;        /* the reader is at a row */
	int64_t received; /* of that, if rows have it */
};

/* Takes what sqlite3_step() said; has_time: rows are INDEX_ROW. */
void source_stepped(struct source *s, int rc, bool has_time);

/* Which has the row that was received last; NULL when none has any. */
struct source *source_newest(struct source *list, size_t n);

/* Those that were opened; the others are {0}. */
void source_close_all(struct source *list, size_t n);

#endif
