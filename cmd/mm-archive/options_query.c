#include <stdlib.h>
#include <sysexits.h>

#include "archive_query_report.h"
#include "columns.h"
#include "commands.h"

struct query *
options_query(const struct options *o)
{
	struct query_error e;
	struct query *q = query_parse(str_of(o->query), o->now, &e);
	if (q)
		return q;
	columns_init();
	query_report(str_of(o->query), &e);
	exit(EX_USAGE);
}
