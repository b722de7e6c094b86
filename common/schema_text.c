#include <stdlib.h>
#include <string.h>

#include "schema_text.h"

#define FOUND_MAX 60 /* octets of a string that are shown */
#define NAME_MAX_CMP 63

static void
add_joint(struct buf *b, size_t i, size_t n)
{
	if (i > 0)
		buf_addstr(b, i + 1 == n ? " or " : ", ");
}

static void
add_words(struct buf *b, const char *const *words)
{
	size_t n = 0;
	while (words[n])
		n++;
	for (size_t i = 0; i < n; i++) {
		add_joint(b, i, n);
		buf_addf(b, "\"%s\"", words[i]);
	}
}

void
schema_add_members(struct buf *b, const struct member *members)
{
	size_t n = 0, i = 0;
	for (const struct member *m = members; m->name; m++)
		n += m->shape->kind != SHAPE_ANY;
	for (const struct member *m = members; m->name; m++) {
		if (m->shape->kind == SHAPE_ANY)
			continue;
		add_joint(b, i++, n);
		buf_addf(b, "\"%s\"", m->name);
	}
}

void
schema_add_expected(struct buf *b, const struct shape *s)
{
	static const char *const kinds[] = {
		[SHAPE_STRUCT] = "an object",
		[SHAPE_UNION] = "an object",
		[SHAPE_LIST] = "a list",
		[SHAPE_STRING] = "a string",
		[SHAPE_ENUM] = "a string",
		[SHAPE_INTEGER] = "an integer",
		[SHAPE_NUMBER] = "a number",
		[SHAPE_BOOLEAN] = "true or false",
		[SHAPE_ANY] = "a value",
	};
	if (s->kind == SHAPE_ENUM)
		add_words(b, s->words);
	else
		buf_addstr(b, s->name ? s->name : kinds[s->kind]);
}

/* Long strings are cut between characters. */
static void
add_string(struct buf *b, struct str s)
{
	size_t n = s.n;
	if (n > FOUND_MAX) {
		n = FOUND_MAX;
		while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
			n--;
	}
	buf_addc(b, '"');
	buf_add(b, s.p, n);
	buf_addstr(b, n < s.n ? "..." : "\"");
}

void
schema_add_found(struct buf *b, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		buf_addstr(b, "an object");
		break;
	case JSON_ARRAY:
		buf_addstr(b, "a list");
		break;
	case JSON_STRING:
		add_string(b, json_text(value));
		break;
	case JSON_INTEGER:
		buf_addf(b, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_REAL:
		buf_addf(b, "%.15g", json_real_value(value));
		break;
	case JSON_NULL:
		buf_addstr(b, "null");
		break;
	default:
		buf_addstr(b, json_is_true(value) ? "true" : "false");
	}
}

void
schema_add_bounds(struct buf *b, const struct shape *s, const char *unit)
{
	if (s->max == 0)
		buf_addf(b, "at least %.15g", s->min);
	else if (s->min == 0 && *unit)
		buf_addf(b, "at most %.15g", s->max);
	else if (s->min == s->max)
		buf_addf(b, "exactly %.15g", s->min);
	else
		buf_addf(b, "%.15g to %.15g", s->min, s->max);
	if (*unit)
		buf_addf(b, " %s%s", unit, (s->max ? s->max : s->min) == 1 ? "" : "s");
}

static int
min3(int a, int b, int c)
{
	int m = a < b ? a : b;
	return m < c ? m : c;
}

/* Edit distance without case; both at most NAME_MAX_CMP octets. */
static int
distance(struct str a, struct str b)
{
	int row[NAME_MAX_CMP + 1];
	for (size_t j = 0; j <= b.n; j++)
		row[j] = (int)j;
	for (size_t i = 0; i < a.n; i++) {
		int corner = row[0];
		row[0] = (int)i + 1;
		for (size_t j = 0; j < b.n; j++) {
			int same = ascii_lower(a.p[i]) == ascii_lower(b.p[j]);
			int next = min3(row[j + 1] + 1, row[j] + 1, corner + !same);
			corner = row[j + 1];
			row[j + 1] = next;
		}
	}
	return row[b.n];
}

const struct member *
schema_nearest(const struct member *members, struct str name)
{
	const struct member *best = NULL;
	int least = (int)name.n / 3 + 1;
	if (name.n > NAME_MAX_CMP)
		return NULL;
	for (const struct member *m = members; m->name; m++) {
		if (strlen(m->name) > NAME_MAX_CMP)
			continue;
		int d = distance(name, str_of(m->name));
		if (d < least)
			best = m, least = d;
	}
	return best;
}
