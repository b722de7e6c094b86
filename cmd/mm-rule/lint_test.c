#include "lint_test.h"
#include "condition_lint.h"
#include "condition_relation.h"

bool
test_implies(const struct test *a, const struct test *b)
{
	if (a->expected)
		return b->expected ? condition_implies(a->condition, b->condition)
				   : condition_excludes(a->condition, b->condition);
	return b->expected ? condition_covers(a->condition, b->condition)
			   : condition_implies(b->condition, a->condition);
}

static struct test
negated(const struct test *t)
{
	struct test n = *t;
	n.expected = !n.expected;
	return n;
}

bool
test_excludes(const struct test *a, const struct test *b)
{
	struct test n = negated(b);
	return test_implies(a, &n);
}

bool
test_covers(const struct test *a, const struct test *b)
{
	struct test n = negated(a);
	return test_implies(&n, b);
}

bool
rule_contradicts_itself(const struct rule *rule)
{
	for (size_t i = 0; i < rule->ntests; i++)
		for (size_t k = 0; k <= i; k++)
			if (test_excludes(&rule->tests[k], &rule->tests[i]))
				return true;
	return false;
}

bool
rule_within(const struct rule *narrow, const struct rule *wide)
{
	for (size_t i = 0; i < wide->ntests; i++) {
		size_t k = 0;
		while (k < narrow->ntests && !test_implies(&narrow->tests[k], &wide->tests[i]))
			k++;
		if (k == narrow->ntests)
			return false;
	}
	return true;
}

/* Where a rule's test stands in the document. */
struct place {
	const char *list;
	size_t index;
	const char *text;
};

static struct place
place_of(const struct rule *rule, size_t test)
{
	const char *text = condition_text(rule->tests[test].condition);
	size_t n = rule->conditions.n;
	return test < n ? (struct place){"Conditions", test, text}
			: (struct place){"Unless", test - n, text};
}

#define WARN(at, ...) json_problem(ps, &set->doc, at, false, PROBLEM_WARNING, __VA_ARGS__)

static bool
lint_contradiction(const struct ruleset *set, const struct rule *rule, size_t test,
	const struct json_at *at, struct problems *ps)
{
	const struct test *t = &rule->tests[test];
	if (test_excludes(t, t)) {
		WARN(at, "%s holds: the rule never matches", t->expected ? "never" : "always");
		return true;
	}
	for (size_t k = 0; k < test; k++) {
		struct place other = place_of(rule, k);
		if (!test_excludes(&rule->tests[k], t))
			continue;
		WARN(at, "contradicts %s[%zu], %s: the rule never matches", other.list,
			other.index, other.text);
		return true;
	}
	return false;
}

static void
lint_needless(const struct ruleset *set, const struct rule *rule, size_t test,
	const struct json_at *at, struct problems *ps)
{
	const struct test *t = &rule->tests[test];
	for (size_t k = 0; k < rule->ntests; k++) {
		const struct test *other = &rule->tests[k];
		struct place p = place_of(rule, k);
		if (k == test || !test_implies(other, t) || test_excludes(other, t))
			continue;
		if (k > test && test_implies(t, other))
			continue; /* the later one of two that are the same is told */
		WARN(at, "says no more than %s[%zu], %s", p.list, p.index, p.text);
		return;
	}
}

void
lint_tests(const struct ruleset *set, const struct rule *rule, struct problems *ps)
{
	const json_t *json =
		json_array_get(json_object_get(set->doc.root, "Rules"), rule->index);
	struct json_at rules = {NULL, "Rules", 0}, here = {&rules, NULL, rule->index};
	for (size_t i = 0; i < rule->ntests; i++) {
		struct place p = place_of(rule, i);
		struct json_at list = {&here, p.list, 0}, at = {&list, NULL, p.index};
		const json_t *item = json_array_get(json_object_get(json, p.list), p.index);
		if (!lint_contradiction(set, rule, i, &at, ps))
			lint_needless(set, rule, i, &at, ps);
		condition_lint_values(rule->tests[i].condition, item, &at,
			&set->references.settings, &set->doc, ps);
	}
}
