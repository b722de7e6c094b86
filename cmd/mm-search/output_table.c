#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "highlight.h"
#include "output.h"
#include "screen.h"

#define DATE_WIDTH 16
#define ID_WIDTH 26
#define FROM_WIDTH 28
#define DAY_WIDTH 10
#define COUNT_WIDTH 8
#define OCTETS_WIDTH 12
#define ARCHIVE_LEAST 12
#define TEXT_LEAST 18 /* of sender and subject, while there is something else to leave out */

static struct {
	struct table set;
	struct highlight *highlight;
	/* columns; 0: none, but for the subject that it is as long as it is */
	int date, id, archive, from, subject, octets;
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

/* The same and a gap, if there is such a column. */
static void
gapped(struct buf *out, struct str s, int columns)
{
	if (columns == 0)
		return;
	cell(out, s, columns);
	buf_addstr(out, "  ");
}

static void
list_heading(struct buf *out)
{
	gapped(out, table.date == DAY_WIDTH ? STR("DAY (UTC)") : STR("RECEIVED (UTC)"),
		table.date);
	gapped(out, STR("ID"), table.id);
	gapped(out, STR("ARCHIVE"), table.archive);
	gapped(out, STR("FROM"), table.from);
	(void)screen_fit(out, STR("SUBJECT"), table.subject);
}

static void
group_heading(struct buf *out)
{
	buf_addstr(out, "MESSAGES  ");
	if (table.octets)
		buf_addstr(out, "      OCTETS  ");
	gapped(out, STR("LAST (UTC)"), table.date);
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

static int
left_for_text(void)
{
	int used = table.date + 2 + (table.id ? table.id + 2 : 0) +
		   (table.archive ? table.archive + 2 : 0) + 2;
	return table.set.width - used;
}

/* On a narrow terminal the archive's name is cut first, then the id goes, the time of
 * day, the archive. */
static void
fit(void)
{
	if (table.archive > ARCHIVE_LEAST && left_for_text() < TEXT_LEAST)
		table.archive = ARCHIVE_LEAST;
	if (left_for_text() < TEXT_LEAST)
		table.id = 0;
	if (left_for_text() < TEXT_LEAST)
		table.date = DAY_WIDTH;
	if (left_for_text() < TEXT_LEAST)
		table.archive = 0;
	int left = left_for_text();
	table.from = left / 3 < FROM_WIDTH ? left / 3 : FROM_WIDTH;
	table.from = table.from < 3 ? 3 : table.from;
	table.subject = left - table.from < 3 ? 3 : left - table.from;
}

/* The same for groups: their last day goes, then the octets. */
static void
fit_groups(void)
{
	int left = table.set.width - COUNT_WIDTH - OCTETS_WIDTH - DATE_WIDTH - 6;
	if (left < TEXT_LEAST) {
		table.date = 0;
		left += DATE_WIDTH + 2;
	}
	if (left < TEXT_LEAST) {
		table.octets = 0;
		left += OCTETS_WIDTH + 2;
	}
	table.subject = left < 3 ? 3 : left;
}

void
output_table_start(const struct table *t)
{
	table.set = *t;
	table.highlight = highlight_new(t->query);
	table.date = DATE_WIDTH;
	table.id = ID_WIDTH;
	table.archive = t->archive;
	table.from = FROM_WIDTH;
	table.octets = OCTETS_WIDTH;
	if (!t->terminal)
		return;
	if (t->group)
		fit_groups();
	else
		fit();
	print_heading();
}

void
output_table_end(void)
{
	highlight_free(table.highlight);
	table.highlight = NULL;
}

static void
when(struct buf *out, int64_t ms, int columns)
{
	char text[CLOCK_RFC3339_SIZE];
	clock_rfc3339(ms, text);
	text[10] = ' ';
	colour(out, "\033[36m");
	gapped(out, str_n(text, (size_t)columns), columns);
}

int
output_table(struct buf *out, const struct result *r)
{
	when(out, r->row->received, table.date);
	if (table.id) {
		colour(out, "\033[2;39m");
		cell(out, r->row->id, r->row->id.n > ID_WIDTH ? 0 : ID_WIDTH);
	}
	colour(out, "\033[0m");
	if (table.id)
		buf_addstr(out, "  ");
	gapped(out, str_of(r->archive->name), table.archive);
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
	buf_addf(out, "%*lld  ", COUNT_WIDTH, (long long)g->count);
	if (table.octets)
		buf_addf(out, "%*lld  ", table.octets, (long long)g->size);
	if (table.date)
		when(out, g->last, table.date);
	colour(out, "\033[0m");
	if (g->value.n)
		(void)screen_fit(out, g->value, table.subject);
	else
		buf_addc(out, '-');
	buf_addc(out, '\n');
}
