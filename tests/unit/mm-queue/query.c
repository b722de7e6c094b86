#include "../../../cmd/mm-queue/query.h"
#include "tap.h"

#define HOUR 3600000

static struct store_row row;

static void
fits(const char *expected, const char *operands)
{
	char text[200], why[400], *list[8], *next = text;
	size_t n = 0;
	(void)str_copy(str_of(operands), text, sizeof(text));
	while (next)
		list[n++] = strsep(&next, " ");
	list[n] = NULL;
	struct query *q = query_parse(list, why, sizeof(why));
	bool yes = q && query_fits(q, &row, 10 * HOUR);
	is_str(!q ? "refused" : yes ? "yes" : "no", expected, operands);
	query_free(q);
}

static void
terms(void)
{
	fits("yes", "a1");
	fits("yes", "b2 a1");
	fits("no", "b2");
	fits("yes", "from:ALICE@");
	fits("no", "from:bob");
	fits("no", "from:<>");
	fits("no", "from:SIZE");
	fits("yes", "rcpt:@x.example");
	fits("yes", "rcpt:eve rcpt:bob from:alice");
	fits("no", "rcpt:eve rcpt:mallory");
	fits("no", "rcpt:NEVER");
	fits("yes", "reason:ROUTE");
	fits("no", "reason:spam");
	fits("yes", "older:1h");
	fits("no", "older:2h");
	fits("no", "newer:2h");
	fits("yes", "newer:7201s");
	fits("yes", "larger:4K");
	fits("no", "larger:5K");
	fits("yes", "smaller:5121");
	fits("no", "smaller:5K");
	fits("yes", "held:no");
	fits("no", "held:yes");
	fits("no", "tried:no");
	fits("yes", "tried:yes a1");
	fits("no", "tried:no a1");
}

static void
wrong(void)
{
	static const char *const operands[] = {"from:", "older:soon", "older:", "larger:-1",
		"held:maybe", "held:", "nosuch:x", ":", "FROM:x"};
	for (size_t i = 0; i < sizeof(operands) / sizeof(*operands); i++)
		fits("refused", operands[i]);
}

int
main(void)
{
	row = (struct store_row){.queued = 8 * HOUR,
		.next = 20 * HOUR,
		.attempts = 2,
		.size = 5120,
		.rec = record_new(),
		.reply = STR("451 4.4.1 cannot connect: no route")};
	record_add(row.rec, "id", STR("a1"));
	record_add(row.rec, "mail-from", STR("<Alice@example.org> SIZE=5120"));
	record_add(row.rec, "rcpt-to", STR("<bob@X.example> NOTIFY=NEVER"));
	record_add(row.rec, "rcpt-to", STR("<eve@y.example>"));
	record_add(row.rec, "held", STR("looks like spam"));
	terms();
	wrong();
	row.held = HELD_BY_HAND;
	fits("yes", "reason:SPAM held:yes");
	row.held = HELD_POISON;
	fits("no", "reason:spam");
	fits("yes", "held:yes");
	record_set(row.rec, "mail-from", STR("<>"));
	fits("yes", "from:<>");
	record_remove(row.rec, "mail-from");
	fits("no", "from:<>");
	record_free(row.rec);
	return done();
}
