#include <stdio.h>
#include <string.h>

#include "num.h"
#include "archive_query_date.h"
#include "archive_query_term.h"
#include "words.h"

enum term_kind { WORDS, TEXT, NETWORK, SIZE, HAS, SINCE, UNTIL, DATE };

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
	{"spf", TEXT, QUERY_SPF, NULL},
	{"dkim", TEXT, QUERY_DKIM, NULL},
	{"dmarc", TEXT, QUERY_DMARC, NULL},
	{"arc", TEXT, QUERY_ARC, NULL},
	{"list", TEXT, QUERY_LIST, NULL},
	{"in", TEXT, QUERY_ARCHIVE, NULL},
	{"size", SIZE, QUERY_SIZE, NULL},
	{"has", HAS, QUERY_HAS_ATTACHMENT, NULL},
	{"since", SINCE, QUERY_RECEIVED, NULL},
	{"until", UNTIL, QUERY_RECEIVED, NULL},
	{"date", DATE, QUERY_RECEIVED, NULL},
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

static int
read_words(const struct term *t, const struct field *f, struct query *q, char *why, size_t size)
{
	if (!has_word(t->value)) {
		snprintf(why, size, "expected a word: a letter or a digit at least");
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
	if (v.n && v.p[0] == '<' && v.p[v.n - 1] == '>')
		v = str_n(v.p + 1, v.n - 2);
	if (v.n == 0 || t->prefix) {
		snprintf(why, size, "expected a value%s", v.n ? " without *" : "");
		return -1;
	}
	q->text = str_dup(v);
	for (char *c = q->text; *c && q->kind != QUERY_ID; c++)
		*c = ascii_lower(*c);
	return 0;
}

static int
read_network(const struct term *t, struct query *q, char *why, size_t size)
{
	if (cidr_parse(t->value, &q->network) == 0)
		return 0;
	snprintf(why, size, "expected an address or a network such as 192.0.2.0/24");
	return -1;
}

/* >1M, <10K, 1K..2M; a bare number is exactly that. */
static int
read_size(const struct term *t, struct query *q, char *why, size_t size)
{
	uint64_t n, m;
	struct str v = t->value;
	char op = v.n && (v.p[0] == '>' || v.p[0] == '<') ? v.p[0] : 0;
	const char *dots = op ? NULL : memmem(v.p, v.n, "..", 2);
	q->max = INT64_MAX;
	if (dots) {
		size_t at = (size_t)(dots - v.p);
		if (num_size(str_n(v.p, at), INT64_MAX, &n) == 0 &&
			num_size(str_skip(v, at + 2), INT64_MAX, &m) == 0 && n <= m) {
			q->min = (int64_t)n;
			q->max = (int64_t)m;
			return 0;
		}
	} else if (num_size(op ? str_skip(v, 1) : v, INT64_MAX - 1, &n) == 0) {
		q->min = op == '<' ? 0 : (int64_t)n + (op == '>');
		q->max = op == '>' ? INT64_MAX : (int64_t)n - (op == '<');
		return 0;
	}
	snprintf(why, size, "expected a size such as >1M, <10K or 1K..2M");
	return -1;
}

static int
read_dates(const struct term *t, const struct field *f, struct query *q, char *why, size_t size)
{
	int64_t first, last;
	q->min = INT64_MIN;
	q->max = INT64_MAX;
	if (f->kind == DATE) {
		if (query_date_range(t->value, t->now, &q->min, &q->max) == 0)
			return 0;
	} else if (query_date(t->value, t->now, &first, &last) == 0) {
		if (f->kind == SINCE)
			q->min = first;
		else
			q->max = last;
		return 0;
	}
	snprintf(why, size, "expected %s%s",
		f->kind == DATE ? "a date or two, such as 2026-11 or 2026-09..2026-10-15"
				: "a date such as 2026, 2026-11, 2026-11-22, "
				  "2026-11-22T10:00:00Z",
		t->now == QUERY_NO_NOW ? "; one that always means the same"
		: f->kind == DATE      ? ""
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
	case NETWORK:
		return read_network(t, q, why, size);
	case SIZE:
		return read_size(t, q, why, size);
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
