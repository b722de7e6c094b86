#include <stdlib.h>

#include "mem.h"
#include "table.h"
#include "utf8.h"

#define MAX_CELL 200 /* octets */

void
table_cell(struct table *t, struct str text)
{
	struct buf clean = {0};
	while (text.n && clean.n < MAX_CELL) {
		size_t len = utf8_length(text);
		bool bad = len == 0 || (unsigned char)*text.p < ' ' || *text.p == 0x7f ||
			   utf8_is_c1(str_n(text.p, len));
		if (bad)
			buf_addc(&clean, '?');
		else
			buf_add(&clean, text.p, len);
		text = str_skip(text, len ? len : 1);
	}
	if (text.n)
		buf_addstr(&clean, "...");
	t->cells = xgrow(t->cells, &t->cap, t->n + 1, sizeof(*t->cells));
	t->cells[t->n++] = xstrdup(buf_cstr(&clean));
	buf_release(&clean);
}

/* Characters, for the width on a terminal. */
static size_t
width_of(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static size_t
column_width(const struct table *t, size_t column)
{
	size_t width = width_of(t->columns[column]);
	for (size_t i = column; i < t->n; i += t->ncolumns)
		if (width_of(t->cells[i]) > width)
			width = width_of(t->cells[i]);
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
		pending += widths[i] - width_of(cells[i]);
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
