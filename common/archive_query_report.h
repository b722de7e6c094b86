/* archive_query_report.h: tells a person what is wrong with a query. */
#ifndef MM_ARCHIVE_QUERY_REPORT_H
#define MM_ARCHIVE_QUERY_REPORT_H

#include "archive_query.h"

/* Three lines on standard error: the reason, the query, a caret below the place. */
void query_report(struct str query, const struct query_error *e);

#endif
