/* Operands, one a line: refused with a reason, or asked of a row. */
#include <stdint.h>
#include <stdlib.h>

#include "query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OPERANDS 16

static void
ask(const struct query *q)
{
	static struct record *rec;
	if (!rec) {
		rec = record_new();
		record_add(rec, "id", STR("a1"));
		record_add(rec, "mail-from", STR("<alice@example.org> SIZE=5"));
		record_add(rec, "rcpt-to", STR("<bob@x.example> NOTIFY=NEVER"));
	}
	struct store_row row = {.queued = 1000, .next = 2000, .size = 5, .rec = rec};
	row.reply = STR("451 4.4.1 no route");
	bool fits = query_fits(q, &row, 100000);
	if (query_is_empty(q) && !fits)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[4096], why[400] = "", *operands[OPERANDS + 1], *next = text;
	size_t n = 0;
	(void)str_copy(str_n((const char *)data, size), text, sizeof(text));
	while (n < OPERANDS && next)
		operands[n++] = strsep(&next, "\n");
	operands[n] = NULL;
	struct query *q = query_parse(operands, why, sizeof(why));
	if (!q && !why[0])
		abort();
	if (q)
		ask(q);
	query_free(q);
	return 0;
}
