#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "columns.h"
#include "look.h"
#include "table.h"

#define INDENT 4

struct str
table_address(struct str field)
{
	struct path p;
	return field.p && path_parse(field, &p) == 0 ? p.address : STR("");
}

void
table_start(struct table *t)
{
	columns_init();
	*t = (struct table){.columns = isatty(STDOUT_FILENO) ? columns_of_terminal() : 0};
	printf("%-26s %9s  %-11s  %5s  %s\n", "ID", "SIZE", "QUEUED, UTC", "TRIES",
		"NEXT, UTC");
}

/* "11-22 12:52" */
static struct str
minute(int64_t ms, char text[CLOCK_RFC3339_SIZE])
{
	clock_rfc3339(ms, text);
	text[10] = ' ';
	return str_n(text + 5, 11);
}

/* "    from <alice@example.org>" */
static void
line(const struct table *t, const char *before, struct str text, const char *after)
{
	int used = INDENT + (int)strlen(before), end = (int)strlen(after);
	printf("%*s%s", INDENT, "", before);
	if (t->columns == 0)
		(void)columns_fit(text, 0);
	else if (t->columns - used - end > 0)
		(void)columns_fit(text, t->columns - used - end);
	puts(after);
}

static struct str
when(const struct store_row *row, char text[CLOCK_RFC3339_SIZE])
{
	if (row->held)
		return row->held == HELD_POISON ? STR("poison") : STR("held");
	return row->next < 0 ? STR("now") : minute(row->next, text);
}

/* Addresses have lines of their own, so that the table fits 80 columns. */
void
table_row(struct table *t, const struct store_row *row)
{
	char queued[CLOCK_RFC3339_SIZE], next[CLOCK_RFC3339_SIZE];
	struct str rcpt, reason = look_reason(row);
	t->messages++;
	t->octets += row->size;
	printf("%-26.*s %9zu  %.*s  %5u  %.*s\n", STR_ARG(record_get(row->rec, "id")),
		row->size, STR_ARG(minute(row->queued, queued)), row->attempts,
		STR_ARG(when(row, next)));
	if (row->held == HELD_BY_HAND && reason.n)
		line(t, "(held: ", reason, ")");
	if (row->reply.n)
		line(t, "(", row->reply, ")");
	line(t, "from <", table_address(record_get(row->rec, "mail-from")), ">");
	for (size_t at = 0; record_next(row->rec, "rcpt-to", &at, &rcpt);)
		line(t, "to   <", table_address(rcpt), ">");
}

void
table_end(const struct table *t)
{
	printf("-- %zu message%s, %" PRIu64 " octets\n", t->messages,
		t->messages == 1 ? "" : "s", t->octets);
}
