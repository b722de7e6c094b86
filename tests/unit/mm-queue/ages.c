#include "../../../cmd/mm-queue/ages.h"
#include "tap.h"

#define MINUTE INT64_C(60000)
#define NOW (10000 * MINUTE)

static void
count(struct ages *a, int64_t seq, int64_t minutes, const char *from, const char *rcpt_to,
	const char *second)
{
	struct store_row row = {
		.seq = seq, .queued = NOW - minutes * MINUTE, .rec = record_new()};
	record_add(row.rec, "mail-from", str_of(from));
	if (rcpt_to)
		record_add(row.rec, "rcpt-to", str_of(rcpt_to));
	if (second)
		record_add(row.rec, "rcpt-to", str_of(second));
	ages_count(a, &row);
	record_free(row.rec);
}

static void
counted(bool by_sender, const char *expected, const char *name)
{
	struct ages *a = ages_new(by_sender, NOW);
	struct buf text = {0};
	size_t n;
	count(a, 1, 0, "<a@one.example>", "<b@x.example>", "<c@X.example>");
	count(a, 2, 5, "<a@one.example>", "<b@x.example>", "<b@y.example>");
	count(a, 3, 6, "<a@two.example>", "<b@x.example>", NULL);
	count(a, 4, 1280, "<>", "<b@z.example>", NULL);
	count(a, 5, 1281, "<>", NULL, NULL);
	const struct domain_ages *d = ages_sorted(a, &n);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&text, "%.*s %zu:", STR_ARG(d[i].domain), d[i].messages);
		for (size_t k = 0; k < AGES; k++)
			buf_addf(&text, " %zu", d[i].by_age[k]);
		buf_addc(&text, '\n');
	}
	is_str(buf_cstr(&text), expected, name);
	buf_release(&text);
	ages_free(a);
}

int
main(void)
{
	counted(false,
		"x.example 3: 2 1 0 0 0 0 0 0 0 0\n"
		" 1: 0 0 0 0 0 0 0 0 0 1\n"
		"y.example 1: 1 0 0 0 0 0 0 0 0 0\n"
		"z.example 1: 0 0 0 0 0 0 0 0 1 0\n",
		"by recipients, each domain once a message");
	counted(true,
		" 2: 0 0 0 0 0 0 0 0 1 1\n"
		"one.example 2: 2 0 0 0 0 0 0 0 0 0\n"
		"two.example 1: 0 1 0 0 0 0 0 0 0 0\n",
		"by senders");
	return done();
}
