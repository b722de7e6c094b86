#include <string.h>

#include "condition_impl.h"
#include "condition_relation.h"

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

/* How values of one kind of condition compare. */
struct values_kind {
	bool (*within)(
		const struct condition *a, size_t i, const struct condition *b, size_t j);
	bool (*apart)(const struct condition *a, size_t i, const struct condition *b, size_t j);
};

static const struct values_kind texts = {text_within, text_apart};
static const struct values_kind networks = {network_within, network_apart};

static const struct values_kind *
values_kind(const struct condition *c)
{
	return c->subject == SUBJECT_TEXT || c->subject == SUBJECT_ANALYSIS ? &texts
	       : c->subject == SUBJECT_IP                                   ? &networks
									    : NULL;
}

/* Has the subject one value at most? */
static bool
is_single(const struct condition *c)
{
	return c->subject != SUBJECT_TEXT || c->id == FACT_RECIPIENT ||
	       c->id == FACT_MAIL_FROM || c->id == FACT_HELO;
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

/* Versions that a TLS condition takes, a bit each, 10 to 13; never none at all. */
static unsigned
tls_versions(const struct condition *c)
{
	unsigned set = 0;
	for (int v = 10; v <= 13; v++)
		if (c->op == OP_MINIMUM ? v >= c->tls_version : v == c->tls_version)
			set |= 1u << v;
	return set;
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

static bool
is_boolean(const struct condition *c)
{
	return c->subject == SUBJECT_BOOLEAN || c->subject == SUBJECT_ANALYSIS_BOOLEAN ||
	       (c->subject == SUBJECT_LIST && c->list);
}

bool
condition_implies(const struct condition *a, const struct condition *b)
{
	if (!same_subject(a, b))
		return false;
	if (values_kind(a))
		return values_imply(a, b);
	if (a->subject == SUBJECT_TLS)
		return (tls_versions(a) & ~tls_versions(b)) == 0;
	if (is_boolean(a))
		return a->negative == b->negative;
	return strcmp(a->text, b->text) == 0;
}

bool
condition_excludes(const struct condition *a, const struct condition *b)
{
	if (!same_subject(a, b))
		return false;
	if (values_kind(a))
		return values_exclude(a, b);
	if (a->subject == SUBJECT_TLS)
		return (tls_versions(a) & tls_versions(b)) == 0;
	return is_boolean(a) && a->negative != b->negative;
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
