/* What two conditions say about each other, where one of them is a group, a time of
 * the week or a rate. */
#include <string.h>

#include "condition_impl.h"
#include "condition_relation.h"

typedef bool relation(const struct condition *a, const struct condition *b);

static bool
any_of(const struct condition *c)
{
	return c->subject == SUBJECT_ANY_OF;
}

static bool
all_of(const struct condition *c)
{
	return c->subject == SUBJECT_ALL_OF;
}

static bool
not_of(const struct condition *c)
{
	return c->subject == SUBJECT_NOT && c->all.n == 1;
}

static bool
is_group(const struct condition *c)
{
	return any_of(c) || all_of(c) || c->subject == SUBJECT_NOT;
}

/* Does each of group stand so to c, or, with any, one of them?  None is none. */
static bool
each(const struct condition *group, const struct condition *c, relation *holds, bool any,
	bool turned)
{
	for (size_t i = 0; i < group->all.n; i++) {
		const struct condition *one = &group->all.list[i];
		if ((turned ? holds(c, one) : holds(one, c)) == any)
			return any;
	}
	return !any && group->all.n > 0;
}

static bool
group_implies(const struct condition *a, const struct condition *b)
{
	if (any_of(a))
		return each(a, b, condition_implies, false, false);
	if (all_of(b))
		return each(b, a, condition_implies, false, true);
	if (not_of(a))
		return condition_covers(&a->all.list[0], b);
	if (not_of(b))
		return condition_excludes(a, &b->all.list[0]);
	return (all_of(a) && each(a, b, condition_implies, true, false)) ||
	       (any_of(b) && each(b, a, condition_implies, true, true));
}

static bool
group_excludes(const struct condition *a, const struct condition *b)
{
	if (any_of(a))
		return each(a, b, condition_excludes, false, false);
	if (any_of(b))
		return each(b, a, condition_excludes, false, false);
	if (not_of(a))
		return condition_implies(b, &a->all.list[0]);
	if (not_of(b))
		return condition_implies(a, &b->all.list[0]);
	return (all_of(a) && each(a, b, condition_excludes, true, false)) ||
	       (all_of(b) && each(b, a, condition_excludes, true, false));
}

static bool
group_covers(const struct condition *a, const struct condition *b)
{
	if (all_of(a))
		return each(a, b, condition_covers, false, false);
	if (all_of(b))
		return each(b, a, condition_covers, false, false);
	if (not_of(a))
		return condition_implies(&a->all.list[0], b);
	if (not_of(b))
		return condition_implies(&b->all.list[0], a);
	return (any_of(a) && each(a, b, condition_covers, true, false)) ||
	       (any_of(b) && each(b, a, condition_covers, true, false));
}

static struct week
week_of(const struct condition *c)
{
	struct week w = *c->week;
	for (int m = 0; c->negative && m < WEEK_MINUTES; m++)
		w.bits[m / 64] ^= UINT64_C(1) << (m % 64);
	return w;
}

/* The texts end with the zone. */
static bool
same_zone(const struct condition *a, const struct condition *b)
{
	return strcmp(strrchr(a->text, ' '), strrchr(b->text, ' ')) == 0;
}

static bool
times(const struct condition *a, const struct condition *b,
	bool (*holds)(const struct week *a, const struct week *b))
{
	if (a->subject != SUBJECT_TIME || b->subject != SUBJECT_TIME || !same_zone(a, b))
		return false;
	struct week v = week_of(a), w = week_of(b);
	return holds(&v, &w);
}

static bool
has_time_or_rate(const struct condition *a, const struct condition *b)
{
	return a->subject == SUBJECT_TIME || b->subject == SUBJECT_TIME ||
	       a->subject == SUBJECT_RATE || b->subject == SUBJECT_RATE;
}

bool
condition_implies(const struct condition *a, const struct condition *b)
{
	if (is_group(a) || is_group(b))
		return group_implies(a, b);
	if (has_time_or_rate(a, b))
		return times(a, b, week_within);
	return relation_implies(a, b);
}

bool
condition_excludes(const struct condition *a, const struct condition *b)
{
	if (is_group(a) || is_group(b))
		return group_excludes(a, b);
	if (has_time_or_rate(a, b))
		return times(a, b, week_apart);
	return relation_excludes(a, b);
}

bool
condition_covers(const struct condition *a, const struct condition *b)
{
	if (is_group(a) || is_group(b))
		return group_covers(a, b);
	if (has_time_or_rate(a, b))
		return times(a, b, week_cover);
	return relation_covers(a, b);
}
