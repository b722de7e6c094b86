#include <stdlib.h>
#include <string.h>

#include "json_locate.h"
#include "mem.h"

struct cursor {
	const char *p, *end;
};

static void
skip_space(struct cursor *c)
{
	while (c->p < c->end && strchr(" \t\r\n", *c->p))
		c->p++;
}

static void
skip_string(struct cursor *c)
{
	for (c->p++; c->p < c->end && *c->p != '"'; c->p++)
		if (*c->p == '\\')
			c->p++;
	c->p++;
}

/* Passes over one value.  Depth is counted, not recursed: the text is the user's. */
static void
skip_value(struct cursor *c)
{
	int depth = 0;
	do {
		skip_space(c);
		if (c->p >= c->end)
			return;
		if (*c->p == '"') {
			skip_string(c);
			continue;
		}
		if (*c->p == '{' || *c->p == '[')
			depth++;
		else if (*c->p == '}' || *c->p == ']')
			depth--;
		else if (depth == 0) {
			while (c->p < c->end && !strchr(",]} \t\r\n", *c->p))
				c->p++;
			return;
		}
		c->p++;
	} while (depth > 0);
}

/* Keys may be written with escapes, so let jansson read them. */
static bool
key_is(const char *p, const char *end, const char *wanted, bool loose, bool blocks)
{
	json_t *key = json_loadb(p, (size_t)(end - p), JSON_DECODE_ANY, NULL);
	const char *text = json_string_value(key);
	bool same = text && (loose ? json_same_key(text, wanted) : strcmp(text, wanted) == 0);
	if (!same && text && blocks)
		same = json_singular_key(text, wanted);
	json_decref(key);
	return same;
}

/* Into an object or array, to the member or element wanted.  *key is where its
 * name stands. */
static bool
enter(struct cursor *c, const struct json_at *step, bool loose, bool blocks, const char **key)
{
	skip_space(c);
	if (blocks && step->key && c->p < c->end && *c->p == '[') {
		c->p++;
		skip_space(c);
	}
	if (c->p >= c->end || (*c->p != '{' && *c->p != '['))
		return false;
	if (blocks && !step->key && *c->p == '{')
		return true; /* the only one of its kind */
	c->p++;
	for (size_t i = 0;; i++) {
		skip_space(c);
		if (c->p >= c->end || *c->p == '}' || *c->p == ']')
			return false;
		bool found = !step->key && i == step->index;
		if (step->key) {
			*key = c->p;
			skip_string(c);
			found = key_is(*key, c->p, step->key, loose, blocks);
			skip_space(c);
			c->p++; /* the colon */
			skip_space(c);
		}
		if (found)
			return true;
		skip_value(c);
		skip_space(c);
		if (c->p < c->end && *c->p == ',')
			c->p++;
	}
}

static void
count_lines(struct str text, const char *at, int *line, int *column)
{
	*line = *column = 1;
	for (const char *p = text.p; p < at; p++) {
		if (*p == '\n')
			(*line)++, *column = 1;
		else if (((unsigned char)*p & 0xc0) != 0x80)
			(*column)++;
	}
}

/* `only` as in struct json_doc: the step to it is none in the text. */
static bool
walk(struct cursor *c, const struct json_doc *doc, const struct json_at *at, bool own,
	const char **key)
{
	if (!at)
		return true;
	if (own && !at->up && doc->only)
		return at->key && strcmp(at->key, doc->only) == 0;
	return walk(c, doc, at->up, own, key) &&
	       enter(c, at, own && doc->loose_keys, own && doc->blocks, key);
}

void
json_locate(const struct json_doc *doc, const struct json_at *at, bool key_itself, int *line,
	int *column)
{
	struct str text = buf_str(&doc->text);
	struct cursor c = {text.p, text.p + text.n};
	const struct json_at *prefix = doc->nprefix ? &doc->prefix[doc->nprefix - 1] : NULL;
	const char *key = NULL;
	if (!walk(&c, doc, prefix, false, &key) || !walk(&c, doc, at, true, &key))
		return;
	skip_space(&c);
	count_lines(text, key_itself && key ? key : c.p, line, column);
}
