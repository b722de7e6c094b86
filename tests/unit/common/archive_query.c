#include <stdlib.h>

#include "archive_query.h"
#include "archive_query_sql.h"
#include "tap.h"

#define NOW INT64_C(1795341600000) /* 2026-11-22T10:00:00Z */

/* The condition, then the values: "SQL | a | 1". */
static void
becomes(const char *query, const char *expected)
{
	struct query_error e;
	struct query_sql sql;
	struct query *q = query_parse(str_of(query), NOW, &e);
	if (!q) {
		ok(false, "%s", query);
		printf("# column %zu: %s\n", e.column, e.text);
		return;
	}
	query_sql_build(&sql, q);
	for (size_t i = 0; i < sql.n; i++) {
		buf_addstr(&sql.text, " | ");
		if (sql.values[i].text)
			buf_addstr(&sql.text, sql.values[i].text);
		else
			buf_addf(&sql.text, "%lld", (long long)sql.values[i].number);
	}
	is_strn(sql.text.p, sql.text.n, expected, query);
	query_sql_release(&sql);
	query_free(q);
}

#define MATCH "m.n IN (SELECT rowid FROM words WHERE words MATCH ?)"

static void
refused(const char *query, size_t column, const char *text)
{
	struct query_error e;
	struct query *q = query_parse(str_of(query), NOW, &e);
	ok(!q, "refused: %s", query);
	is_int((long long)e.column, (long long)column, "column");
	is_str(e.text, text, "reason");
	query_free(q);
}

static void
meanings(void)
{
	becomes("", "1");
	becomes("apple", MATCH " | \"apple\"");
	becomes("apple pie", MATCH " | ((\"apple\" AND \"pie\"))");
	becomes("from:a OR b*", MATCH " | ((sender : \"a\" OR \"b\" *))");
	becomes("a -b NOT c", MATCH " | ((\"a\") NOT \"b\" NOT \"c\")");
	becomes("-a", "NOT " MATCH " | \"a\"");
	becomes("(a OR b) AND subject:\"x \"\"y\"",
		MATCH " | ((((\"a\" OR \"b\")) AND subject : \"x y\"))");
	becomes("\"a' OR 1=1\"", MATCH " | \"a or 1 1\"");
	becomes("from:(a OR subject:b c)",
		MATCH " | ((sender : \"a\" OR ((subject : \"b\" AND sender : \"c\"))))");
	becomes("-rcpt:(a) b", "(NOT EXISTS (SELECT 1 FROM rcpt WHERE message = m.n AND"
			       " instr(lower(path), ?) > 0) AND " MATCH ") | a | \"b\"");
	becomes("\u6771\u3000-a\u00a0OR b", MATCH " | ((((\"\u6771\") NOT \"a\") OR \"b\"))");
}

static void
fields(void)
{
	becomes("mail-from:<A@x>", "instr(lower(m.mail_from), ?) > 0 | a@x");
	becomes("size:>1K size:<2K size:5",
		"(m.size BETWEEN ? AND ? AND m.size BETWEEN ? AND ? AND m.size BETWEEN ? AND ?)"
		" | 1025 | 9223372036854775807 | 0 | 2047 | 5 | 5");
	becomes("size:>=1K size:<=2K size:5..",
		"(m.size BETWEEN ? AND ? AND m.size BETWEEN ? AND ? AND m.size BETWEEN ? AND ?)"
		" | 1024 | 9223372036854775807 | 0 | 2048 | 5 | 9223372036854775807");
	becomes("mail-from:<>", "m.mail_from = ? | ");
	becomes("ip:192.0.2.7/24", "ip_within(m.ip, ?) | 192.0.2.0/24");
	becomes("date:2026-11-22",
		"m.received BETWEEN ? AND ? | 1795305600000 | 1795391999999");
	becomes("since:1h", "m.received BETWEEN ? AND ? | 1795338000000 | 9223372036854775807");
	becomes("after:2w", "m.received BETWEEN ? AND ? | 1794132000000 | 9223372036854775807");
	becomes("newer:1y", "m.received BETWEEN ? AND ? | 1763805600000 | 9223372036854775807");
	becomes("before:2026-11-22",
		"m.received BETWEEN ? AND ? | -9223372036854775808 | 1795305599999");
	becomes("date:2026/11/22",
		"m.received BETWEEN ? AND ? | 1795305600000 | 1795391999999");
	becomes("date:2026/11..",
		"m.received BETWEEN ? AND ? | 1793491200000 | 9223372036854775807");
	becomes("date:2026-11-22T10:00:00Z",
		"m.received BETWEEN ? AND ? | 1795341600000 | 1795341600999");
	becomes("until:2026-11-22T10:00:00.5Z",
		"m.received BETWEEN ? AND ? | -9223372036854775808 | 1795341600500");
	becomes("older:1h",
		"m.received BETWEEN ? AND ? | -9223372036854775808 | 1795337999999");
	becomes("date:Yesterday", "m.received BETWEEN ? AND ? | 1795219200000 | 1795305599999");
	becomes("since:today",
		"m.received BETWEEN ? AND ? | 1795305600000 | 9223372036854775807");
	becomes("larger:1K smaller:2K", "(m.size BETWEEN ? AND ? AND m.size BETWEEN ? AND ?)"
					" | 1025 | 9223372036854775807 | 0 | 2047");
	becomes("filename:report", MATCH " | attachment : \"report\"");
	becomes("until:1970",
		"m.received BETWEEN ? AND ? | -9223372036854775808 | 31535999999");
	becomes("date:1970-01..1970-02", "m.received BETWEEN ? AND ? | 0 | 5097599999");
	becomes("a has:attachment", "(" MATCH " AND m.attachments > 0) | \"a\"");
	becomes("-spf:Pass",
		"NOT instr(' ' || lower(m.spf) || ' ', ' ' || ? || ' ') > 0 | pass");
	becomes("arc:fail", "instr(' ' || lower(m.arc) || ' ', ' ' || ? || ' ') > 0 | fail");
	becomes("list:<Talk.X>", "instr(m.list_id, ?) > 0 | talk.x");
	becomes("in:Box", "lower(?2) = ? | box");
}

#define OCTOBER INT64_C(1790812800000)
#define OCTOBER_END INT64_C(1793491199999)

static void
months(void)
{
	static const struct {
		const char *query;
		bool possible;
	} cases[] = {
		{"", true},
		{"word", true},
		{"date:2026-10", true},
		{"date:2026-10-31", true},
		{"date:2026-09", false},
		{"since:2026-11", false},
		{"word since:2026-11", false},
		{"word OR since:2026-11", true},
		{"date:2026-09 OR date:2026-11", false},
		{"-date:2026-10", false},
		{"-date:2026-10-05", true},
		{"-(date:2026-10 word)", true},
		{"in:BOX", true},
		{"in:other", false},
		{"-in:box", false},
		{"word (in:other OR until:2026-09)", false},
	};
	struct query_error e;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct query *q = query_parse(str_of(cases[i].query), NOW, &e);
		ok(q && query_can_match(q, "Box", OCTOBER, OCTOBER_END) == cases[i].possible,
			"in October, %s: %s", cases[i].possible ? "perhaps" : "never",
			cases[i].query);
		query_free(q);
	}
}

static void
errors(void)
{
	refused("colour:red", 1,
		"there is no field colour; expected one of from, to, cc, subject, body, "
		"attachment, mail-from, rcpt, id, ip, ingress, spf, dkim, dmarc, arc, list, "
		"in, "
		"size, has, since, until, date, or quotes around it");
	refused("a (b", 3, "expected a closing parenthesis to this one");
	refused("a b)", 4, "there is no parenthesis that this one closes");
	refused("caf\u00e9 \"b", 6, "expected a closing quote");
	refused("a OR", 5, "expected a word, a field or a parenthesis");
	refused("a ()", 4, "expected a word, a field or a parenthesis");
	refused("from:--", 6, "expected a word: a letter or a digit at least");
	refused("from: a", 6, "expected a word right behind the colon");
	refused("size:big", 6, "expected a size such as >1M, <10K or 1K..2M");
	refused("ip:1.2.3", 4, "expected an address or a network such as 192.0.2.0/24");
	refused("larger:>1M", 8, "expected a size such as 1M");
	refused("since:noon", 7,
		"expected a date such as 2026, 2026-11, 2026-11-22, 2026-11-22T10:00:00Z, or "
		"7d for "
		"seven days ago");
	refused("since:1w*", 7,
		"expected a date such as 2026, 2026-11, 2026-11-22, 2026-11-22T10:00:00Z, or "
		"7d for seven days ago");
	refused("has:wings", 5, "expected has:attachment");
	refused("date:2026-12..2026-11", 6, "expected a range that begins before it ends");
	refused("size:2K..1K", 6, "expected a range that begins before it ends");
	refused("date:7d", 6,
		"expected a date or two, such as 2026-11 or 2026-09..2026-10-15, or 7d.. for "
		"the "
		"last seven days");
	refused("a AND OR b", 7,
		"expected a word, a field or a parenthesis before OR; quotes around it if it "
		"is a word");
	refused("from:(a", 6, "expected a closing parenthesis to this one");
	refused("a w*d", 3,
		"expected * only at the end of a word; quotes around a word leave other marks "
		"in it aside");
	refused("rcpt:*@x", 6, "expected a value without *");
	refused("spf:failed", 5,
		"expected pass, fail, softfail, neutral, none, policy, temperror or "
		"permerror");
}

static void
deep(void)
{
	char nested[3001];
	struct query_error e;
	memset(nested, '(', 3000);
	nested[3000] = '\0';
	struct query *q = query_parse(str_of(nested), NOW, &e);
	ok(!q, "three thousand parentheses are refused");
	query_free(q);
	memset(nested, '.', 3000);
	for (size_t i = 0; i < 3000; i += 2)
		nested[i] = 'a';
	q = query_parse(str_of(nested), NOW, &e);
	ok(!q, "a phrase of fifteen hundred words is refused");
	query_free(q);
}

int
main(void)
{
	meanings();
	fields();
	months();
	errors();
	deep();
	return done();
}
