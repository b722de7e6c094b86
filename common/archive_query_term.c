#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "num.h"
#include "archive_query_date.h"
#include "archive_query_term.h"
#include "words.h"

enum term_kind {
	WORDS,
	TEXT,
	RESULT,
	NETWORK,
	SIZE,
	LARGER,
	SMALLER,
	HAS,
	SINCE,
	UNTIL,
	BEFORE,
	DATE
};

static const struct field {
	const char *name;
	enum term_kind kind;
	enum query_kind query;
	const char *column;
} fields[] = {
	{"from", WORDS, QUERY_WORDS, "sender"},
	{"to", WORDS, QUERY_WORDS, "recipient"},
	{"cc", WORDS, QUERY_WORDS, "cc"},
	{"subject", WORDS, QUERY_WORDS, "subject"},
	{"body", WORDS, QUERY_WORDS, "body"},
	{"attachment", WORDS, QUERY_WORDS, "attachment"},
	{"mail-from", TEXT, QUERY_MAIL_FROM, NULL},
	{"rcpt", TEXT, QUERY_RCPT, NULL},
	{"id", TEXT, QUERY_ID, NULL},
	{"ip", NETWORK, QUERY_IP, NULL},
	{"ingress", TEXT, QUERY_INGRESS, NULL},
	{"spf", RESULT, QUERY_SPF, NULL},
	{"dkim", RESULT, QUERY_DKIM, NULL},
	{"dmarc", RESULT, QUERY_DMARC, NULL},
	{"arc", RESULT, QUERY_ARC, NULL},
	{"list", TEXT, QUERY_LIST, NULL},
	{"in", TEXT, QUERY_ARCHIVE, NULL},
	{"size", SIZE, QUERY_SIZE, NULL},
	{"has", HAS, QUERY_HAS_ATTACHMENT, NULL},
	{"since", SINCE, QUERY_RECEIVED, NULL},
	{"until", UNTIL, QUERY_RECEIVED, NULL},
	{"date", DATE, QUERY_RECEIVED, NULL},
	/* as mm-queue(1) and Gmail have them */
	{"after", SINCE, QUERY_RECEIVED, NULL},
	{"newer", SINCE, QUERY_RECEIVED, NULL},
	{"before", BEFORE, QUERY_RECEIVED, NULL},
	{"older", BEFORE, QUERY_RECEIVED, NULL},
	{"larger", LARGER, QUERY_SIZE, NULL},
	{"smaller", SMALLER, QUERY_SIZE, NULL},
	{"filename", WORDS, QUERY_WORDS, "attachment"},
};

static const struct field any_word = {"", WORDS, QUERY_WORDS, NULL};

static const struct field *
find_field(struct str name)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_ieq(name, str_of(fields[i].name)))
			return &fields[i];
	return NULL;
}

bool
term_known(struct str field)
{
	return find_field(field) != NULL;
}

const char *
term_fields(void)
{
	return "from, to, cc, subject, body, attachment, mail-from, rcpt, id, ip, ingress, "
	       "spf, dkim, dmarc, arc, list, in, size, has, since, until, date";
}

static bool
has_word(struct str s)
{
	struct str word;
	return words_next(&s, &word);
}

static bool
has_star(const struct term *t)
{
	return t->prefix || (!t->quoted && t->value.n && memchr(t->value.p, '*', t->value.n));
}

static int
read_words(const struct term *t, const struct field *f, struct query *q, char *why, size_t size)
{
	if (!t->quoted && t->value.n > 1 && memchr(t->value.p, '*', t->value.n)) {
		snprintf(why, size,
			"expected * only at the end of a word; quotes around a "
			"word leave other marks in it aside");
		return -1;
	}
	if (!has_word(t->value)) {
		snprintf(why, size, "expected a word%s",
			t->field.p && t->value.n == 0 && !t->quoted
				? " right behind the colon"
				: ": a letter or a digit at least");
		return -1;
	}
	q->column = f->column;
	q->prefix = t->prefix;
	q->text = str_dup(t->value);
	return 0;
}

static int
read_text(const struct term *t, struct query *q, char *why, size_t size)
{
	struct str v = t->value;
	bool null_path = q->kind == QUERY_MAIL_FROM && str_eq(v, STR("<>"));
	if (v.n > 1 && v.p[0] == '<' && v.p[v.n - 1] == '>')
		v = str_n(v.p + 1, v.n - 2);
	if ((v.n == 0 && !null_path) || (q->kind == QUERY_ID ? t->prefix : has_star(t))) {
		snprintf(why, size, "expected a value%s", v.n ? " without *" : "");
		return -1;
	}
	q->text = str_dup(v);
	for (char *c = q->text; *c && q->kind != QUERY_ID; c++)
		*c = ascii_lower(*c);
	return 0;
}

static int
read_result(const struct term *t, struct query *q, char *why, size_t size)
{
	static const char *const results[] = {"pass", "fail", "softfail", "neutral", "none",
		"policy", "temperror", "permerror"};
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (!t->prefix && str_ieq(t->value, str_of(results[i]))) {
			q->text = xstrdup(results[i]);
			return 0;
		}
	snprintf(why, size,
		"expected pass, fail, softfail, neutral, none, policy, temperror or permerror");
	return -1;
}

static int
read_network(const struct term *t, struct query *q, char *why, size_t size)
{
	if (cidr_parse(t->value, &q->network) == 0)
		return 0;
	snprintf(why, size, "expected an address or a network such as 192.0.2.0/24");
	return -1;
}

#define BEGIN_FIRST "a range that begins before it ends"

/* 1K..2M; either end may be missing. */
static int
read_sizes(struct str from, struct str to, struct query *q)
{
	uint64_t n = 0, m = INT64_MAX;
	if ((from.n == 0 && to.n == 0) || (from.n && num_size(from, INT64_MAX, &n) < 0) ||
		(to.n && num_size(to, INT64_MAX, &m) < 0))
		return -1;
	q->min = (int64_t)n;
	q->max = (int64_t)m;
	return n <= m ? 0 : -1;
}

/* >1M, <10K, >=1M, <=10K; a bare number is exactly that. */
static int
read_bound(struct str v, struct query *q)
{
	uint64_t n;
	char op = v.n && (v.p[0] == '>' || v.p[0] == '<') ? v.p[0] : 0;
	v = op ? str_skip(v, 1) : v;
	bool beyond = op && !str_starts(v, STR("="));
	if (num_size(op && !beyond ? str_skip(v, 1) : v, INT64_MAX - 1, &n) < 0)
		return -1;
	q->min = op == '<' ? 0 : (int64_t)n + beyond;
	q->max = op == '>' ? INT64_MAX : (int64_t)n - beyond;
	return 0;
}

static int
read_size(const struct term *t, struct query *q, char *why, size_t size)
{
	struct str v = t->value;
	const char *dots = v.n ? memmem(v.p, v.n, "..", 2) : NULL;
	size_t at = dots ? (size_t)(dots - v.p) : 0;
	if (!t->prefix && (dots ? read_sizes(str_n(v.p, at), str_skip(v, at + 2), q)
				: read_bound(v, q)) == 0)
		return 0;
	snprintf(why, size, "expected %s",
		q->min > q->max ? BEGIN_FIRST : "a size such as >1M, <10K or 1K..2M");
	return -1;
}

static int
read_limit(const struct term *t, const struct field *f, struct query *q, char *why, size_t size)
{
	uint64_t n;
	if (t->prefix || num_size(t->value, INT64_MAX - 1, &n) < 0) {
		snprintf(why, size, "expected a size such as 1M");
		return -1;
	}
	q->min = f->kind == LARGER ? (int64_t)n + 1 : 0;
	q->max = f->kind == LARGER ? INT64_MAX : (int64_t)n - 1;
	return 0;
}

static int
read_span(const struct term *t, const struct field *f, struct query *q)
{
	int64_t first, last;
	if (f->kind == DATE)
		return query_date_range(t->value, t->now, &q->min, &q->max);
	if (query_date(t->value, t->now, &first, &last) < 0)
		return -1;
	if (f->kind == SINCE)
		q->min = first;
	else
		q->max = f->kind == BEFORE ? first - 1 : last;
	return 0;
}

static int
read_dates(const struct term *t, const struct field *f, struct query *q, char *why, size_t size)
{
	q->min = INT64_MIN;
	q->max = INT64_MAX;
	if (!t->prefix && read_span(t, f, q) == 0)
		return 0;
	if (q->min > q->max) {
		snprintf(why, size, "expected " BEGIN_FIRST);
		return -1;
	}
	snprintf(why, size, "expected %s%s",
		f->kind == DATE ? "a date or two, such as 2026-11 or 2026-09..2026-10-15"
				: "a date such as 2026, 2026-11, 2026-11-22, "
				  "2026-11-22T10:00:00Z",
		t->now == QUERY_NO_NOW ? "; one that always means the same"
		: f->kind == DATE      ? ", or 7d.. for the last seven days"
				       : ", or 7d for seven days ago");
	return -1;
}

int
term_query(const struct term *t, struct query *q, char *why, size_t size)
{
	const struct field *f = t->field.p ? find_field(t->field) : &any_word;
	q->kind = f->query;
	switch (f->kind) {
	case WORDS:
		return read_words(t, f, q, why, size);
	case TEXT:
		return read_text(t, q, why, size);
	case RESULT:
		return read_result(t, q, why, size);
	case NETWORK:
		return read_network(t, q, why, size);
	case SIZE:
		return read_size(t, q, why, size);
	case LARGER:
	case SMALLER:
		return read_limit(t, f, q, why, size);
	case HAS:
		if (str_ieq(t->value, STR("attachment")) ||
			str_ieq(t->value, STR("attachments")))
			return 0;
		snprintf(why, size, "expected has:attachment");
		return -1;
	default:
		return read_dates(t, f, q, why, size);
	}
}
