#include <stdio.h>

#include "columns.h"
#include "log.h"
#include "archive_query_report.h"
#include "screen.h"

/* Columns on the screen of the first `characters` of s. */
static int
columns_before(struct str s, size_t characters)
{
	int columns = 0, width;
	size_t taken;
	for (; characters && s.n; characters--) {
		(void)columns_glyph(s, &width, &taken);
		columns += width;
		s = str_skip(s, taken);
	}
	return columns;
}

void
query_report(struct str query, const struct query_error *e)
{
	struct buf text = {0};
	screen_fit(&text, query, 0);
	fprintf(stderr, "%s: query, column %zu: %s\n  %s\n  %*s^\n", log_prog(), e->column,
		e->text, buf_cstr(&text), columns_before(query, e->column - 1), "");
	buf_release(&text);
}
