#include <stdlib.h>

#include "clean_text.h"
#include "mem.h"
#include "table.h"

#define MAX_CELL 200 /* octets */

void
table_cell(struct table *t, struct str text)
{
	struct buf clean = {0};
	clean_text_add(&clean, text);
	if (clean.n > MAX_CELL) {
		clean.n = MAX_CELL;
		while (((unsigned char)clean.p[clean.n] & 0xc0) == 0x80)
			clean.n--; /* within a character */
		buf_addstr(&clean, "...");
	}
	t->cells = xgrow(t->cells, &t->cap, t->n + 1, sizeof(*t->cells));
	t->cells[t->n++] = xstrdup(buf_cstr(&clean));
	buf_release(&clean);
}

static size_t
column_width(const struct table *t, size_t column)
{
	size_t width = clean_text_width(t->columns[column]);
	for (size_t i = column; i < t->n; i += t->ncolumns)
		if (clean_text_width(t->cells[i]) > width)
			width = clean_text_width(t->cells[i]);
	return width;
}

static void
print_row(const char *const *cells, const size_t *widths, size_t n, FILE *out)
{
	size_t pending = 0; /* spaces, written only before something */
	for (size_t i = 0; i < n; i++) {
		pending += 2;
		if (*cells[i]) {
			fprintf(out, "%*s%s", (int)pending, "", cells[i]);
			pending = 0;
		}
		pending += widths[i] - clean_text_width(cells[i]);
	}
	putc('\n', out);
}

void
table_print(const struct table *t, FILE *out)
{
	size_t *widths = xcalloc(t->ncolumns, sizeof(*widths));
	for (size_t i = 0; i < t->ncolumns; i++)
		widths[i] = column_width(t, i);
	print_row(t->columns, widths, t->ncolumns, out);
	for (size_t i = 0; i + t->ncolumns <= t->n; i += t->ncolumns)
		print_row((const char *const *)t->cells + i, widths, t->ncolumns, out);
	free(widths);
}

void
table_release(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct table){0};
}
