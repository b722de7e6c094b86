#include <stdio.h>

#include "columns.h"
#include "log.h"
#include "archive_query_report.h"
#include "screen.h"

#define SHOWN_MAX 72
#define BEFORE_MAX 50

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

/* What a line of a terminal has room for, with the place in it; *columns: how many are
 * before that. */
static void
excerpt(struct buf *out, struct str query, size_t characters, int *columns)
{
	int width;
	size_t taken;
	*columns = columns_before(query, characters);
	if (*columns > BEFORE_MAX) {
		for (; *columns > BEFORE_MAX; query = str_skip(query, taken)) {
			(void)columns_glyph(query, &width, &taken);
			*columns -= width;
		}
		buf_addstr(out, "...");
		*columns += 3;
	}
	size_t before = out->n;
	screen_fit(out, query, SHOWN_MAX);
	if (out->n - before < query.n && columns_before(query, SHOWN_MAX) >= SHOWN_MAX)
		buf_addstr(out, "...");
}

void
query_report(struct str query, const struct query_error *e)
{
	struct buf text = {0}, why = {0};
	int columns;
	excerpt(&text, query, e->column - 1, &columns);
	screen_fit(&why, str_of(e->text), 0);
	fprintf(stderr, "%s: query, column %zu: %s\n  %s\n  %*s^\n", log_prog(), e->column,
		buf_cstr(&why), buf_cstr(&text), columns, "");
	buf_release(&text);
	buf_release(&why);
}
