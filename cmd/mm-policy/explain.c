#include <stdio.h>
#include <unistd.h>

#include "clean_text.h"
#include "explain.h"

#define MAX_TEXT_WIDTH 60

struct line {
	size_t statement;
	const char *text;
	char *found;
	bool holds;
};

static void
print_marked(bool good, const char *text)
{
	if (isatty(STDOUT_FILENO))
		printf("\033[%dm%s\033[0m", good ? 32 : 31, text);
	else
		fputs(text, stdout);
}

static void
print_condition(const struct condition *c, struct facts *f, size_t column)
{
	struct buf found = {0};
	bool holds = condition_match(c, f, &found);
	size_t used = clean_text_width(condition_text(c));
	fputs("    ", stdout);
	print_marked(holds, holds ? "yes" : "no ");
	fputs("  ", stdout);
	clean_text_print(stdout, str_of(condition_text(c)));
	printf("%*s  found ", used < column ? (int)(column - used) : 0, "");
	clean_text_print(stdout, buf_str(&found));
	putchar('\n');
	buf_release(&found);
}

static bool
holds_wholly(const struct statement *s, struct facts *f)
{
	for (size_t i = 0; i < s->conditions.n; i++)
		if (!condition_match(conditions_at(&s->conditions, i), f, NULL))
			return false;
	return true;
}

static void
print_statement(const struct policy *p, size_t i, struct facts *f, size_t column)
{
	const struct statement *s = &p->statements[i];
	bool holds = holds_wholly(s, f);
	printf("  statement %zu  %s  ", i, s->allow ? "ALLOW" : "DENY ");
	print_marked(holds, holds ? "holds" : "does not hold");
	putchar('\n');
	for (size_t c = 0; c < s->conditions.n; c++)
		print_condition(conditions_at(&s->conditions, c), f, column);
}

static size_t
text_column(const struct policy *p)
{
	size_t most = 0;
	for (size_t i = 0; i < p->nstatements; i++)
		for (size_t c = 0; c < p->statements[i].conditions.n; c++) {
			size_t w = clean_text_width(
				condition_text(conditions_at(&p->statements[i].conditions, c)));
			most = w > most ? w : most;
		}
	return most < MAX_TEXT_WIDTH ? most : MAX_TEXT_WIDTH;
}

static void
explain_recipient(const struct policy *p, struct facts *f, struct str rcpt)
{
	static const bool order[] = {false, true};
	facts_set_recipient(f, rcpt);
	printf("policy %s, ", p->name);
	clean_text_print(stdout, record_get(f->rec, "mail-from").p
					 ? record_get(f->rec, "mail-from")
					 : STR("<>"));
	fputs(" to ", stdout);
	clean_text_print(stdout, rcpt);
	putchar('\n');
	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < p->nstatements; i++)
			if (p->statements[i].allow == order[pass])
				print_statement(p, i, f, text_column(p));
	struct decision d = policy_decide(p, f);
	fputs("  ", stdout);
	print_marked(d.allow, d.allow ? "allowed" : "denied");
	if (d.by_default)
		printf(" by default\n");
	else
		printf(" by statement %zu\n", d.statement);
}

static void
explain_size(const struct policy *p, struct facts *f)
{
	uint64_t size;
	if (p->max_size == 0 || !facts_size(f, &size))
		return;
	printf("  size %llu of %llu octets allowed: ", (unsigned long long)size,
		(unsigned long long)p->max_size);
	print_marked(size <= p->max_size, size <= p->max_size ? "fits" : "too large");
	putchar('\n');
}

void
explain_record(const struct policy *p, const struct record *r)
{
	struct facts f = {0};
	struct str rcpt;
	size_t at = 0;
	facts_begin(&f, r, NULL);
	if (record_count(r, "rcpt-to") == 0)
		explain_recipient(p, &f, STR("<>"));
	while (record_next(r, "rcpt-to", &at, &rcpt))
		explain_recipient(p, &f, rcpt);
	explain_size(p, &f);
	facts_release(&f);
}
