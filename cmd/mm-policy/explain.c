#include <stdio.h>
#include <unistd.h>

#include "explain.h"
#include "utf8.h"

#define MAX_TEXT_WIDTH 60

struct line {
	size_t statement;
	const char *text;
	char *found;
	bool holds;
};

static size_t
width(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* What mail says may hold anything; a terminal must not see controls. */
static void
print_clean(struct str s)
{
	for (size_t i = 0, n; i < s.n; i += n ? n : 1) {
		struct str rest = str_skip(s, i);
		n = utf8_length(rest);
		if (n == 0 || (unsigned char)*rest.p < ' ' || *rest.p == 0x7f ||
			utf8_is_c1(rest))
			putchar('?');
		else
			fwrite(rest.p, 1, n, stdout);
	}
}

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
	size_t used = width(condition_text(c));
	fputs("    ", stdout);
	print_marked(holds, holds ? "yes" : "no ");
	fputs("  ", stdout);
	print_clean(str_of(condition_text(c)));
	printf("%*s  found ", used < column ? (int)(column - used) : 0, "");
	print_clean(buf_str(&found));
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
			size_t w = width(
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
	print_clean(record_get(f->rec, "mail-from").p ? record_get(f->rec, "mail-from")
						      : STR("<>"));
	fputs(" to ", stdout);
	print_clean(rcpt);
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
