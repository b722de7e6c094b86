#include <string.h>

#include "condition_impl.h"
#include "condition_relation.h"

#define MAX_SIZE 1e15 /* of a message, and far above */

static bool
text_within(const struct condition *a, size_t i, const struct condition *b, size_t j)
{
	if (b->op != OP_CONTAINS && a->op != OP_EQUALS && a->op != b->op)
		return false;
	if (b->op == OP_EQUALS && a->op != OP_EQUALS)
		return false;
	return condition_compare(b->op, a->values[i], b->values[j]);
}

static bool
text_apart(const struct condition *a, size_t i, const struct condition *b, size_t j)
{
	struct str v = a->values[i], w = b->values[j];
	if (a->op == OP_EQUALS)
		return !condition_compare(b->op, v, w);
	if (b->op == OP_EQUALS)
		return !condition_compare(a->op, w, v);
	if (a->op != b->op || a->op == OP_CONTAINS)
		return false;
	return !condition_compare(a->op, v, w) && !condition_compare(a->op, w, v);
}

static bool
network_within(const struct condition *a, size_t i, const struct condition *b, size_t j)
{
	return cidr_covers(&b->networks[j], &a->networks[i]);
}

static bool
network_apart(const struct condition *a, size_t i, const struct condition *b, size_t j)
{
	return !network_within(a, i, b, j) && !network_within(b, j, a, i);
}

/* Of two expressions only this is certain: whether they are the same. */
static bool
regex_within(const struct condition *a, size_t i, const struct condition *b, size_t j)
{
	return str_eq(a->values[i], b->values[j]);
}

static bool
regex_apart(const struct condition *a, size_t i, const struct condition *b, size_t j)
{
	(void)a, (void)i, (void)b, (void)j;
	return false;
}

/* How values of one kind of condition compare. */
struct values_kind {
	bool (*within)(
		const struct condition *a, size_t i, const struct condition *b, size_t j);
	bool (*apart)(const struct condition *a, size_t i, const struct condition *b, size_t j);
};

static const struct values_kind texts = {text_within, text_apart};
static const struct values_kind networks = {network_within, network_apart};
static const struct values_kind regexes = {regex_within, regex_apart};

static const struct values_kind *
values_kind(const struct condition *c)
{
	return c->subject == SUBJECT_TEXT || c->subject == SUBJECT_ANALYSIS ? &texts
	       : c->subject == SUBJECT_IP                                   ? &networks
	       : c->subject == SUBJECT_REGEX                                ? &regexes
									    : NULL;
}

/* Has the subject one value at most? */
static bool
is_single(const struct condition *c)
{
	return c->subject != SUBJECT_TEXT || c->id == FACT_RECIPIENT ||
	       c->id == FACT_MAIL_FROM || c->id == FACT_HELO || c->id == FACT_BODY ||
	       (c->id >= FACT_DMARC_RESULT && c->id < FACT_COUNT);
}

static bool
all_within(const struct condition *a, const struct condition *b)
{
	const struct values_kind *kind = values_kind(a);
	for (size_t i = 0; i < a->n; i++) {
		size_t j = 0;
		while (j < b->n && !kind->within(a, i, b, j))
			j++;
		if (j == b->n)
			return false;
	}
	return true;
}

static bool
all_apart(const struct condition *a, const struct condition *b)
{
	const struct values_kind *kind = values_kind(a);
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			if (!kind->apart(a, i, b, j))
				return false;
	return is_single(a);
}

static bool
values_imply(const struct condition *a, const struct condition *b)
{
	if (a->negative)
		return b->negative && all_within(b, a);
	return b->negative ? all_apart(a, b) : all_within(a, b);
}

static bool
values_exclude(const struct condition *a, const struct condition *b)
{
	if (a->negative == b->negative)
		return !a->negative && all_apart(a, b);
	return a->negative ? all_within(b, a) : all_within(a, b);
}

static bool
values_cover(const struct condition *a, const struct condition *b)
{
	if (a->negative == b->negative)
		return false;
	return a->negative ? all_within(a, b) : all_within(b, a);
}

static bool
same_name(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
same_subject(const struct condition *a, const struct condition *b)
{
	return a->subject == b->subject && a->id == b->id && a->text_id == b->text_id &&
	       a->list == b->list && a->folded == b->folded &&
	       same_name(a->analyzer, b->analyzer) && same_name(a->field, b->field);
}

/* What a subject of few values may be, a bit each, and for which of them a
 * condition holds. */
struct cases {
	unsigned all, holds;
};

/* In clear is bit 0. */
static struct cases
tls_cases(const struct condition *c)
{
	struct cases k = {.all = 1};
	for (int v = 10; v <= 13; v++) {
		k.all |= 1u << v;
		if (c->op == OP_MINIMUM ? v >= c->tls_version : v == c->tls_version)
			k.holds |= 1u << v;
	}
	return k;
}

/* The whole number below, within what a size can be. */
static double
whole(double number)
{
	return number < 0 ? -1 : (double)(int64_t)(number > MAX_SIZE ? MAX_SIZE : number);
}

/* Both conditions change only at their numbers; sizes are whole. */
static struct cases
number_cases(const struct condition *c, const struct condition *a, const struct condition *b)
{
	struct cases k = {.all = 1, .holds = c->negative}; /* bit 0: the size is not known */
	const double numbers[] = {a->number, b->number};
	for (unsigned i = 0; i < 6; i++) {
		double octets = whole(numbers[i / 3]) + (double)(i % 3) - 1;
		if (octets < 0)
			continue;
		k.all |= 2u << i;
		k.holds |= condition_number_holds(c, octets) ? 2u << i : 0;
	}
	return k;
}

static struct cases
word_cases(const struct condition *c, unsigned all)
{
	unsigned words = c->verdicts & all;
	return (struct cases){all, c->negative ? all & ~words : words};
}

/* Of a, or of b, two conditions about the same; all 0: it has no few values. */
static struct cases
cases_of(const struct condition *c, const struct condition *a, const struct condition *b)
{
	switch (c->subject) {
	case SUBJECT_TLS:
		return tls_cases(c);
	case SUBJECT_NUMBER:
		return number_cases(c, a, b);
	case SUBJECT_SPF:
	case SUBJECT_DKIM:
	case SUBJECT_ANALYSIS_VERDICT:
		return word_cases(c,
			VERDICT_PASS | VERDICT_FAIL | VERDICT_GRAY | VERDICT_PROCESSING_FAILED);
	case SUBJECT_DMARC:
		return word_cases(c, 0xf); /* bit 3: not looked at */
	case SUBJECT_LIST:
		return (struct cases){c->list ? 3 : 0, c->negative ? 1 : 2};
	case SUBJECT_BOOLEAN:
		return (struct cases){3, c->negative ? 1 : 2};
	case SUBJECT_ANALYSIS_BOOLEAN:
		return (struct cases){7, c->negative ? 1 : 2}; /* bit 2: absent */
	default:
		return (struct cases){0, 0};
	}
}

bool
relation_implies(const struct condition *a, const struct condition *b)
{
	struct cases k = cases_of(a, a, b), l = cases_of(b, a, b);
	if (!same_subject(a, b))
		return false;
	return values_kind(a) ? values_imply(a, b) : k.all && (k.holds & ~l.holds) == 0;
}

bool
relation_excludes(const struct condition *a, const struct condition *b)
{
	struct cases k = cases_of(a, a, b), l = cases_of(b, a, b);
	if (!same_subject(a, b))
		return false;
	return values_kind(a) ? values_exclude(a, b) : k.all && (k.holds & l.holds) == 0;
}

bool
relation_covers(const struct condition *a, const struct condition *b)
{
	struct cases k = cases_of(a, a, b), l = cases_of(b, a, b);
	if (!same_subject(a, b))
		return false;
	return values_kind(a) ? values_cover(a, b) : k.all && (k.holds | l.holds) == k.all;
}

bool
conditions_imply(const struct conditions *a, const struct conditions *b)
{
	for (size_t j = 0; j < b->n; j++) {
		size_t i = 0;
		while (i < a->n && !condition_implies(&a->list[i], &b->list[j]))
			i++;
		if (i == a->n)
			return false;
	}
	return true;
}

bool
conditions_exclude(const struct conditions *a, const struct conditions *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			if (condition_excludes(&a->list[i], &b->list[j]))
				return true;
	return false;
}

bool
condition_value_covered(const struct condition *c, size_t i, size_t j)
{
	const struct values_kind *kind = values_kind(c);
	return kind && kind->within(c, i, c, j);
}
