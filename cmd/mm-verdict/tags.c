#include "tags.h"

static bool
name_ok(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = ascii_lower(name.p[i]);
		bool alpha = c >= 'a' && c <= 'z', more = (c >= '0' && c <= '9') || c == '_';
		if (!alpha && !(more && i > 0))
			return false;
	}
	return name.n > 0;
}

static bool
value_ok(struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if ((c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
			return false;
	}
	return true;
}

/* Adds what stands between two semicolons: 1, 0 if it is no tag, -1 if it is there
 * already or one too many. */
static int
add_tag(struct tags *t, struct str spec)
{
	struct str value = spec, name = str_trim(str_cut(&value, '='));
	if (!value.p || !name_ok(name) || !value_ok(value))
		return 0;
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->list[i].name, name))
			return -1;
	if (t->n == TAGS_MAX)
		return -1;
	t->list[t->n].name = name;
	t->list[t->n++].value = str_trim(value);
	return 1;
}

int
tags_parse(struct tags *t, struct str s)
{
	t->n = 0;
	for (struct str rest = s; rest.p;) {
		struct str spec = str_trim(str_cut(&rest, ';'));
		if (spec.n == 0 && !rest.p)
			break; /* after the last semicolon */
		if (add_tag(t, spec) <= 0)
			return -1;
	}
	return t->n ? 0 : -1;
}

int
tags_parse_loosely(struct tags *t, struct str s)
{
	t->n = 0;
	while (s.p)
		if (add_tag(t, str_trim(str_cut(&s, ';'))) < 0)
			return -1;
	return t->n ? 0 : -1;
}

struct str
tags_get(const struct tags *t, const char *name)
{
	struct str wanted = str_of(name);
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->list[i].name, wanted))
			return t->list[i].value;
	return STR_NONE;
}

struct str
tag_raw_value(struct str list, const char *name)
{
	while (list.p) {
		struct str value = str_cut(&list, ';');
		if (str_eq(str_trim(str_cut(&value, '=')), str_of(name)))
			return value;
	}
	return STR_NONE;
}

bool
tag_lists(struct str value, char sep, const char *word)
{
	while (value.p)
		if (str_ieq(str_trim(str_cut(&value, sep)), str_of(word)))
			return true;
	return false;
}

void
tag_unspaced(struct str s, struct buf *out)
{
	buf_reserve(out, s.n);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if ((unsigned char)c > ' ' || !strchr(" \t\r\n", c) || !c)
			out->p[out->n++] = c;
	}
}
