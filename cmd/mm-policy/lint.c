#include "lint.h"
#include "condition_lint.h"
#include "condition_relation.h"

struct lint {
	const struct policy *p;
	const struct json_doc *doc;
	struct problems *ps;
};

static const struct json_at statements_at = {.key = "PolicyStatements"};

#define WARN(l, at, ...) \
	json_problem((l)->ps, (l)->doc, at, false, PROBLEM_WARNING, __VA_ARGS__)

static bool
imply(const struct statement *a, const struct statement *b)
{
	return conditions_imply(&a->conditions, &b->conditions);
}

static bool
never_holds(const struct statement *s)
{
	return conditions_exclude(&s->conditions, &s->conditions);
}

/* Another statement of the same action that holds whenever statement i does. */
static bool
is_repeated(const struct policy *p, size_t i, size_t *by)
{
	const struct statement *s = &p->statements[i];
	for (size_t j = 0; j < p->nstatements; j++) {
		const struct statement *other = &p->statements[j];
		if (j == i || other->allow != s->allow || !imply(s, other) ||
			never_holds(other))
			continue;
		if (j > i && imply(other, s))
			continue; /* the later one of two that are the same is told */
		*by = j;
		return true;
	}
	return false;
}

static bool
is_denied(const struct policy *p, size_t i, size_t *by)
{
	for (size_t j = 0; j < p->nstatements; j++) {
		*by = j;
		if (!p->statements[j].allow && imply(&p->statements[i], &p->statements[j]))
			return true;
	}
	return false;
}

static bool
narrows_some_allow(const struct policy *p, size_t i)
{
	for (size_t j = 0; j < p->nstatements; j++) {
		const struct statement *other = &p->statements[j];
		if (other->allow && !never_holds(other) &&
			!conditions_exclude(&p->statements[i].conditions, &other->conditions))
			return true;
	}
	return false;
}

static void
lint_statement(const struct lint *l, size_t i)
{
	const struct policy *p = l->p;
	const struct statement *s = &p->statements[i];
	struct json_at here = {.up = &statements_at, .index = i};
	size_t by;
	if (never_holds(s))
		return; /* told at its conditions */
	if (is_repeated(p, i, &by))
		WARN(l, &here, "never matters: statement %zu %s all that this one does", by,
			s->allow ? "allows" : "denies");
	else if (s->allow && is_denied(p, i, &by))
		WARN(l, &here, "never matters: statement %zu denies all that this one allows",
			by);
	else if (s->allow && p->default_allow)
		WARN(l, &here, "never matters: DefaultAction is ALLOW, and DENY comes first");
	else if (!s->allow && !p->default_allow && !narrows_some_allow(p, i))
		WARN(l, &here,
			"never matters: DefaultAction is DENY, and no ALLOW statement takes "
			"what this one denies");
}

/* Condition j against those before it and, where it says no more than one, those
 * behind it. */
static void
lint_condition(const struct lint *l, const struct json_at *list, size_t i, size_t j)
{
	const struct conditions *all = &l->p->statements[i].conditions;
	const struct condition *c = conditions_at(all, j);
	struct json_at here = {.up = list, .index = j};
	for (size_t k = 0; k < j; k++)
		if (condition_excludes(conditions_at(all, k), c)) {
			WARN(l, &here,
				"contradicts Conditions[%zu], %s: the statement never holds", k,
				condition_text(conditions_at(all, k)));
			return;
		}
	for (size_t k = 0; k < all->n; k++) {
		const struct condition *other = conditions_at(all, k);
		if (k == j || !condition_implies(other, c) || condition_excludes(other, c))
			continue;
		if (k > j && condition_implies(c, other))
			continue;
		WARN(l, &here, "says no more than Conditions[%zu], %s", k,
			condition_text(other));
		return;
	}
}

/* What Mail Manager takes; nothing here depends on it. */
static void
lint_quota(
	const struct lint *l, const struct json_at *at, const char *what, size_t n, size_t most)
{
	if (n > most)
		WARN(l, at, "%zu %s: Mail Manager takes %zu at most", n, what, most);
}

void
policy_lint(const struct policy *p, const struct json_doc *doc, struct problems *ps)
{
	const struct lint l = {p, doc, ps};
	const json_t *list = json_object_get(doc->root, statements_at.key);
	lint_quota(&l, &statements_at, "statements", p->nstatements, 20);
	for (size_t i = 0; i < p->nstatements; i++) {
		struct json_at here = {.up = &statements_at, .index = i},
			       at = {.up = &here, .key = "Conditions"};
		const json_t *conditions =
			json_object_get(json_array_get(list, i), "Conditions");
		lint_quota(&l, &at, "conditions", p->statements[i].conditions.n, 10);
		lint_statement(&l, i);
		for (size_t j = 0; j < p->statements[i].conditions.n; j++) {
			struct json_at item = {.up = &at, .index = j};
			lint_condition(&l, &at, i, j);
			condition_lint_values(conditions_at(&p->statements[i].conditions, j),
				json_array_get(conditions, j), &item, &p->refs.settings, doc,
				ps);
		}
	}
}
