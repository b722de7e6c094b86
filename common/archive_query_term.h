/* archive_query_term.h: what one term of a query means: FIELD:VALUE or VALUE. */
#ifndef MM_ARCHIVE_QUERY_TERM_H
#define MM_ARCHIVE_QUERY_TERM_H

#include "buf.h"
#include "archive_query.h"

struct term {
	struct str field; /* absent for a bare word */
	struct str value; /* without quotes and star */
	const char *value_at;
	bool quoted, prefix;
	int64_t now;
};

bool term_known(struct str field);
const char *term_fields(void);

/* Makes *q (zeroed) of the term.  0, or -1 with the reason in why[size]. */
int term_query(const struct term *t, struct query *q, char *why, size_t size);

#endif
