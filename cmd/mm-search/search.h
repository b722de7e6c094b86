/* search.h: runs a query over the months of archives, newest first. */
#ifndef MM_SEARCH_H
#define MM_SEARCH_H

#include "output.h"
#include "query.h"

struct search {
	const struct query *query;
	const struct mail_archive *archives;
	size_t narchives;
	int64_t now;
	int64_t limit;         /* results at most; negative: all */
	output_result *output; /* NULL: count only */

	/* what came of it */
	int64_t found;
	bool failed; /* some month or message could not be read; the reason was logged */
};

void search_run(struct search *s);

#endif
