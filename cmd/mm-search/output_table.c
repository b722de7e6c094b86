#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "columns.h"
#include "output.h"

#define DATE_WIDTH 16
#define ID_WIDTH 26
#define FROM_WIDTH 28

static struct {
	bool terminal, colour;
	int archive, from, subject; /* columns; subject 0: as long as it is */
} table;

static void
colour(const char *code)
{
	if (table.colour)
		fputs(code, stdout);
}

static void
print_header(void)
{
	colour("\033[1m");
	columns_cell(STR("RECEIVED (UTC)"), DATE_WIDTH + 2);
	columns_cell(STR("ID"), ID_WIDTH + 2);
	if (table.archive)
		columns_cell(STR("ARCHIVE"), table.archive + 2);
	columns_cell(STR("FROM"), table.from + 2);
	(void)columns_fit(STR("SUBJECT"), 0);
	colour("\033[0m");
	putchar('\n');
}

void
output_table_start(int archive)
{
	const char *no_colour = getenv("NO_COLOR");
	columns_init();
	table.terminal = isatty(STDOUT_FILENO);
	table.colour = table.terminal && !(no_colour && *no_colour);
	table.archive = archive;
	table.from = FROM_WIDTH;
	if (!table.terminal)
		return;
	int left =
		columns_of_terminal() - DATE_WIDTH - ID_WIDTH - 6 - (archive ? archive + 2 : 0);
	table.from = left / 3 < FROM_WIDTH ? left / 3 : FROM_WIDTH;
	table.from = table.from < 8 ? 8 : table.from;
	table.subject = left - table.from < 8 ? 8 : left - table.from;
	print_header();
}

int
output_table(const struct result *r)
{
	char when[CLOCK_RFC3339_SIZE];
	clock_rfc3339(r->row->received, when);
	when[10] = ' ';
	colour("\033[36m");
	columns_cell(str_n(when, DATE_WIDTH), DATE_WIDTH + 2);
	colour("\033[2;39m");
	columns_cell(r->row->id, r->row->id.n > ID_WIDTH ? 0 : ID_WIDTH);
	colour("\033[0m");
	fputs("  ", stdout);
	if (table.archive)
		columns_cell(str_of(r->archive->name), table.archive + 2);
	columns_pad(columns_fit(r->row->sender, table.terminal ? table.from : 0), table.from);
	fputs("  ", stdout);
	(void)columns_fit(r->row->subject, table.subject);
	putchar('\n');
	return 0;
}
