/* highlight.h: marks what a query asks for in what is shown. */
#ifndef MM_HIGHLIGHT_H
#define MM_HIGHLIGHT_H

#include "buf.h"
#include "archive_query.h"

struct highlight;

/* For highlight_free().  The query must stay. */
struct highlight *highlight_new(const struct query *q);
void highlight_free(struct highlight *h); /* NULL is allowed */

/* Appends text with `on` before and `off` behind each word of it that the query asks
 * for in that column (of the words; NULL: in any).  Returns how many there were. */
size_t highlight_text(const struct highlight *h, struct buf *out, struct str text,
	const char *column, const char *on, const char *off);

#endif
