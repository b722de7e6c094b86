#include <string.h>

#include "schema.h"
#include "schema_pattern.h"
#include "schema_text.h"
#include "utf8.h"

struct walk {
	const struct json_doc *doc;
	struct problems *ps;
	bool lenient;
	size_t told;
};

static void check(
	struct walk *w, const struct shape *s, const json_t *v, const struct json_at *at);

/* Takes over the text. */
static void
tell(struct walk *w, const struct json_at *at, bool key, enum severity severity,
	struct buf *text)
{
	if (w->told < SCHEMA_MAX_PROBLEMS)
		json_problem(w->ps, w->doc, at, key, severity, "%s", buf_cstr(text));
	else if (w->told == SCHEMA_MAX_PROBLEMS)
		json_problem(w->ps, w->doc, NULL, false, PROBLEM_ERROR,
			"more problems than these %d; the rest is not told",
			SCHEMA_MAX_PROBLEMS);
	w->told++;
	buf_release(text);
}

static void
tell_kind(struct walk *w, const struct shape *s, const json_t *v, const struct json_at *at)
{
	struct buf b = {0};
	buf_addstr(&b, "expected ");
	schema_add_expected(&b, s);
	buf_addstr(&b, ", found ");
	schema_add_found(&b, v);
	tell(w, at, false, PROBLEM_ERROR, &b);
}

static bool
kind_fits(const struct shape *s, const json_t *v)
{
	switch (s->kind) {
	case SHAPE_STRUCT:
	case SHAPE_UNION:
		return json_is_object(v);
	case SHAPE_LIST:
		return json_is_array(v);
	case SHAPE_STRING:
	case SHAPE_ENUM:
		return json_is_string(v);
	case SHAPE_INTEGER:
		return json_is_integer(v);
	case SHAPE_NUMBER:
		return json_is_number(v);
	case SHAPE_BOOLEAN:
		return json_is_boolean(v);
	default:
		return true;
	}
}

static bool
in_bounds(const struct shape *s, double value)
{
	return value >= s->min && (s->max == 0 || value <= s->max);
}

static enum severity
limit_severity(const struct walk *w)
{
	return w->lenient ? PROBLEM_WARNING : PROBLEM_ERROR;
}

static const struct member *
member_named(const struct member *members, const char *name)
{
	for (const struct member *m = members; m->name; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

static void
tell_unknown(struct walk *w, const struct shape *s, const char *name, const struct json_at *at)
{
	struct buf b = {0};
	const struct member *near = schema_nearest(s->members, str_of(name));
	if (near) {
		buf_addf(&b, "unknown member; did you mean \"%s\"?", near->name);
	} else if (!s->members->name) {
		buf_addstr(&b, "unknown member; expected an empty object");
	} else {
		buf_addstr(&b, "unknown member; expected ");
		schema_add_members(&b, s->members);
	}
	tell(w, at, true, PROBLEM_ERROR, &b);
}

/* Checks the members that are there; returns how many of them are known. */
static size_t
check_members(
	struct walk *w, const struct shape *s, const json_t *object, const struct json_at *at)
{
	const char *key;
	json_t *value;
	size_t known = 0;
	json_object_foreach ((json_t *)object, key, value) {
		struct json_at here = {.up = at, .key = key};
		const struct member *m = member_named(s->members, key);
		if (m) {
			known++;
			check(w, m->shape, value, &here);
		} else {
			tell_unknown(w, s, key, &here);
		}
	}
	return known;
}

static void
check_struct(
	struct walk *w, const struct shape *s, const json_t *object, const struct json_at *at)
{
	check_members(w, s, object, at);
	for (const struct member *m = s->members; m->name; m++) {
		if (!m->required || json_object_get(object, m->name))
			continue;
		struct buf b = {0};
		buf_addf(&b, "expected a member \"%s\"", m->name);
		if (m->shape->kind == SHAPE_ENUM || m->shape->name) {
			buf_addstr(&b, ": ");
			schema_add_expected(&b, m->shape);
		}
		tell(w, at, false, PROBLEM_ERROR, &b);
	}
}

static void
add_found_members(struct buf *b, const json_t *object)
{
	const char *key;
	json_t *value;
	size_t n = json_object_size(object), i = 0;
	json_object_foreach ((json_t *)object, key, value) {
		buf_addf(b, "%s\"%.60s\"", i == 0 ? "" : i + 1 == n ? " and " : ", ", key);
		i++;
	}
	if (n == 0)
		buf_addstr(b, "none");
}

static void
check_union(
	struct walk *w, const struct shape *s, const json_t *object, const struct json_at *at)
{
	size_t known = check_members(w, s, object, at);
	if (known == 1 || (known == 0 && json_object_size(object) > 0))
		return;
	struct buf b = {0};
	bool single = !s->members[1].name;
	buf_addstr(&b, single ? "expected a member " : "expected exactly one of ");
	schema_add_members(&b, s->members);
	buf_addstr(&b, ", found ");
	add_found_members(&b, object);
	tell(w, at, false, PROBLEM_ERROR, &b);
}

static void
check_list(struct walk *w, const struct shape *s, const json_t *list, const struct json_at *at)
{
	size_t n = json_array_size(list);
	if (!in_bounds(s, (double)n)) {
		struct buf b = {0};
		buf_addstr(&b, "expected ");
		schema_add_bounds(&b, s, "item");
		buf_addf(&b, ", found %zu", n);
		tell(w, at, false, limit_severity(w), &b);
	}
	for (size_t i = 0; i < n && w->told <= SCHEMA_MAX_PROBLEMS; i++) {
		struct json_at here = {.up = at, .index = i};
		check(w, s->element, json_array_get(list, i), &here);
	}
}

static size_t
characters(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void
check_string(struct walk *w, const struct shape *s, const json_t *v, const struct json_at *at)
{
	struct str text = json_text(v);
	size_t n = characters(text);
	bool fits = in_bounds(s, (double)n);
	if (fits && (!s->pattern || pattern_matches(s->pattern, text)))
		return;
	struct buf b = {0};
	buf_addstr(&b, "expected ");
	schema_add_expected(&b, s);
	if (fits) {
		buf_addstr(&b, ", found ");
		schema_add_found(&b, v);
	} else {
		buf_addstr(&b, " of ");
		schema_add_bounds(&b, s, "character");
		buf_addf(&b, ", it has %zu", n);
	}
	tell(w, at, false, limit_severity(w), &b);
}

static void
check_enum(struct walk *w, const struct shape *s, const json_t *v, const struct json_at *at)
{
	for (size_t i = 0; s->words[i]; i++)
		if (str_eq(json_text(v), str_of(s->words[i])))
			return;
	tell_kind(w, s, v, at);
}

static void
check_number(struct walk *w, const struct shape *s, const json_t *v, const struct json_at *at)
{
	if ((s->min == 0 && s->max == 0) || in_bounds(s, json_number_value(v)))
		return;
	struct buf b = {0};
	buf_addstr(&b, "expected ");
	schema_add_expected(&b, s);
	buf_addstr(&b, s->max == 0 ? " of " : " from ");
	schema_add_bounds(&b, s, "");
	buf_addstr(&b, ", found ");
	schema_add_found(&b, v);
	tell(w, at, false, limit_severity(w), &b);
}

static void
check(struct walk *w, const struct shape *s, const json_t *v, const struct json_at *at)
{
	if (!kind_fits(s, v)) {
		tell_kind(w, s, v, at);
		return;
	}
	switch (s->kind) {
	case SHAPE_STRUCT:
		check_struct(w, s, v, at);
		break;
	case SHAPE_UNION:
		check_union(w, s, v, at);
		break;
	case SHAPE_LIST:
		check_list(w, s, v, at);
		break;
	case SHAPE_STRING:
		check_string(w, s, v, at);
		break;
	case SHAPE_ENUM:
		check_enum(w, s, v, at);
		break;
	case SHAPE_INTEGER:
	case SHAPE_NUMBER:
		check_number(w, s, v, at);
		break;
	default:
		break;
	}
}

bool
schema_check(const struct json_doc *doc, const struct shape *shape, bool lenient,
	struct problems *ps)
{
	struct walk w = {.doc = doc, .ps = ps, .lenient = lenient};
	size_t before = ps->errors;
	check(&w, shape, doc->root, NULL);
	return ps->errors == before;
}
