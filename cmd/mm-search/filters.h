/* filters.h: searches as Mail Manager's API has them, as queries. */
#ifndef MM_FILTERS_H
#define MM_FILTERS_H

#include "archive_query.h"

struct filters {
	struct query *query; /* the caller's */
	char *archive;       /* of a whole request, else NULL; the caller frees */
	int64_t limit;       /* negative: none */
};

/* Reads ArchiveFilters, or a StartArchiveSearch or StartArchiveExport request: text
 * that begins with '{', or the name of a file, - for standard input.  0, or -1 after
 * the problems were printed on standard error. */
int filters_read(struct filters *f, const char *source);

#endif
