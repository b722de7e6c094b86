#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "highlight.h"
#include "output.h"
#include "screen.h"

#define DATE_WIDTH 16
#define ID_WIDTH 26
#define FROM_WIDTH 28

static struct {
	struct table set;
	struct highlight *highlight;
	int from, subject; /* columns; subject 0: as long as it is */
} table;

static void
colour(struct buf *out, const char *code)
{
	if (table.set.colour)
		buf_addstr(out, code);
}

/* s in exactly `columns`. */
static void
cell(struct buf *out, struct str s, int columns)
{
	screen_pad(out, screen_fit(out, s, columns), columns);
}

/* The same with what the query asks for marked; *used: how many it took. */
static int
marked(struct buf *out, struct str s, int columns, const char *column)
{
	struct buf fitted = {0};
	int used = screen_fit(&fitted, s, columns);
	if (table.set.colour)
		highlight_text(table.highlight, out, buf_str(&fitted), column, "\033[1;31m",
			"\033[0m");
	else
		buf_adds(out, buf_str(&fitted));
	buf_release(&fitted);
	return used;
}

static void
list_heading(struct buf *out)
{
	cell(out, STR("RECEIVED (UTC)"), DATE_WIDTH + 2);
	cell(out, STR("ID"), ID_WIDTH + 2);
	if (table.set.archive)
		cell(out, STR("ARCHIVE"), table.set.archive + 2);
	cell(out, STR("FROM"), table.from + 2);
	buf_addstr(out, "SUBJECT");
}

static void
group_heading(struct buf *out)
{
	buf_addf(out, "%8s  %12s  ", "MESSAGES", "OCTETS");
	cell(out, STR("LAST (UTC)"), DATE_WIDTH + 2);
	for (const char *c = table.set.group; *c; c++)
		buf_addc(out, *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c);
}

static void
print_heading(void)
{
	struct buf out = {0};
	colour(&out, "\033[1m");
	if (table.set.group)
		group_heading(&out);
	else
		list_heading(&out);
	colour(&out, "\033[0m");
	buf_addc(&out, '\n');
	fwrite(out.p, 1, out.n, stdout);
	buf_release(&out);
}

void
output_table_start(const struct table *t)
{
	table.set = *t;
	table.highlight = highlight_new(t->query);
	table.from = FROM_WIDTH;
	if (!t->terminal)
		return;
	int left = t->width - DATE_WIDTH - ID_WIDTH - 6 - (t->archive ? t->archive + 2 : 0);
	table.from = left / 3 < FROM_WIDTH ? left / 3 : FROM_WIDTH;
	table.from = table.from < 8 ? 8 : table.from;
	table.subject = left - table.from < 8 ? 8 : left - table.from;
	print_heading();
}

void
output_table_end(void)
{
	highlight_free(table.highlight);
	table.highlight = NULL;
}

static void
when(struct buf *out, int64_t ms)
{
	char text[CLOCK_RFC3339_SIZE];
	clock_rfc3339(ms, text);
	text[10] = ' ';
	colour(out, "\033[36m");
	cell(out, str_n(text, DATE_WIDTH), DATE_WIDTH + 2);
}

int
output_table(struct buf *out, const struct result *r)
{
	when(out, r->row->received);
	colour(out, "\033[2;39m");
	cell(out, r->row->id, r->row->id.n > ID_WIDTH ? 0 : ID_WIDTH);
	colour(out, "\033[0m");
	buf_addstr(out, "  ");
	if (table.set.archive)
		cell(out, str_of(r->archive->name), table.set.archive + 2);
	screen_pad(out,
		marked(out, r->row->sender, table.set.terminal ? table.from : 0, "sender"),
		table.from);
	buf_addstr(out, "  ");
	(void)marked(out, r->row->subject, table.subject, "subject");
	buf_addc(out, '\n');
	return 0;
}

void
output_group_table(struct buf *out, const struct group *g)
{
	int left = table.set.width - DATE_WIDTH - 26;
	buf_addf(out, "%8lld  %12lld  ", (long long)g->count, (long long)g->size);
	when(out, g->last);
	colour(out, "\033[0m");
	if (g->value.n)
		(void)screen_fit(out, g->value, !table.set.terminal ? 0 : left < 8 ? 8 : left);
	else
		buf_addc(out, '-');
	buf_addc(out, '\n');
}
