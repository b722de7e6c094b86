#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "clock.h"
#include "num.h"
#include "output.h"
#include "utf8.h"

#define DATE_WIDTH 16
#define ID_WIDTH 26
#define FROM_WIDTH 28

static struct {
	bool terminal, colour;
	int archive, from, subject; /* columns; subject 0: as long as it is */
} table;

static int
terminal_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	int n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return columns && num_int(str_of(columns), 20, 10000, &n) == 0 ? n : 80;
}

/* One character, made harmless: *width is what it takes on the screen. */
static struct str
glyph(struct str s, int *width, size_t *taken)
{
	wchar_t wide;
	size_t n = utf8_length(s);
	*taken = n ? n : 1;
	*width = 1;
	if (n == 0 || (unsigned char)s.p[0] < 0x20 || s.p[0] == 0x7f)
		return STR(" ");
	mbstate_t state = {0};
	int w = mbrtowc(&wide, s.p, n, &state) == n ? wcwidth(wide) : -1;
	/* controls, and marks that turn the direction of what follows */
	if (w < 0 || (wide >= 0x202a && wide <= 0x202e) || (wide >= 0x2066 && wide <= 0x2069))
		return STR("?");
	*width = w;
	return str_n(s.p, n);
}

/* Prints s in at most `columns` (0: as long as it is); how many it took. */
static int
fit(struct str s, int columns)
{
	int used = 0, width;
	size_t taken;
	while (s.n) {
		struct str g = glyph(s, &width, &taken);
		if (columns && used + width > columns)
			break;
		fwrite(g.p, 1, g.n, stdout);
		used += width;
		s = str_skip(s, taken);
	}
	return used;
}

static void
pad(int used, int columns)
{
	for (; used < columns; used++)
		putchar(' ');
}

/* Prints s in exactly `columns`. */
static void
cell(struct str s, int columns)
{
	pad(fit(s, columns), columns);
}

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
	cell(STR("RECEIVED (UTC)"), DATE_WIDTH + 2);
	cell(STR("ID"), ID_WIDTH + 2);
	if (table.archive)
		cell(STR("ARCHIVE"), table.archive + 2);
	cell(STR("FROM"), table.from + 2);
	(void)fit(STR("SUBJECT"), 0);
	colour("\033[0m");
	putchar('\n');
}

void
output_table_start(int archive)
{
	const char *no_colour = getenv("NO_COLOR");
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	table.terminal = isatty(STDOUT_FILENO);
	table.colour = table.terminal && !(no_colour && *no_colour);
	table.archive = archive;
	table.from = FROM_WIDTH;
	if (!table.terminal)
		return;
	int left = terminal_width() - DATE_WIDTH - ID_WIDTH - 6 - (archive ? archive + 2 : 0);
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
	cell(str_n(when, DATE_WIDTH), DATE_WIDTH + 2);
	colour("\033[2;39m");
	cell(r->row->id, r->row->id.n > ID_WIDTH ? 0 : ID_WIDTH);
	colour("\033[0m");
	fputs("  ", stdout);
	if (table.archive)
		cell(str_of(r->archive->name), table.archive + 2);
	pad(fit(r->row->sender, table.terminal ? table.from : 0), table.from);
	fputs("  ", stdout);
	(void)fit(r->row->subject, table.subject);
	putchar('\n');
	return 0;
}
