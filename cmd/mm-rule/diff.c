#include <stdlib.h>

#include "diff_group.h"
#include "mem.h"
#include "treatment.h"

#define OTHERS "more kinds of differences than are told apart"

static struct diff_group *
new_group(struct diff *d, const char *key, struct treatment *old, struct treatment *new_one)
{
	struct diff_group *g = xcalloc(1, sizeof(*g));
	g->key = xstrdup(key);
	g->old_rules = xstrdup(old ? buf_cstr(&old->rules) : "");
	g->old_text = xstrdup(old ? buf_cstr(&old->text) : OTHERS);
	g->new_rules = xstrdup(new_one ? buf_cstr(&new_one->rules) : "");
	g->new_text = xstrdup(new_one ? buf_cstr(&new_one->text) : OTHERS);
	g->examples = xcalloc(d->examples, sizeof(*g->examples));
	HASH_ADD_KEYPTR(hh, d->groups, g->key, strlen(g->key), g);
	return g;
}

static struct diff_group *
group_of(struct diff *d, struct treatment *old, struct treatment *new_one)
{
	struct diff_group *g;
	struct buf key = {0};
	buf_addf(&key, "%s\n=>\n%s\n%s\n=>\n%s", buf_cstr(&old->key), buf_cstr(&new_one->key),
		buf_cstr(&old->rules), buf_cstr(&new_one->rules));
	HASH_FIND(hh, d->groups, buf_cstr(&key), key.n, g);
	if (!g && HASH_COUNT(d->groups) >= DIFF_MAX_GROUPS) {
		HASH_FIND_STR(d->groups, OTHERS, g);
		g = g ? g : new_group(d, OTHERS, NULL, NULL);
	} else if (!g) {
		g = new_group(d, buf_cstr(&key), old, new_one);
	}
	buf_release(&key);
	return g;
}

static void
count(struct diff *d, struct diff_group *g, struct str id, struct str rcpt_to)
{
	g->recipients++;
	g->messages += g->last_message != d->messages;
	g->last_message = d->messages;
	if (g->nexamples < d->examples)
		g->examples[g->nexamples++] =
			(struct diff_example){str_dup(id), str_dup(rcpt_to)};
}

void
diff_record(
	struct diff *d, struct ruleset *old, struct ruleset *new_set, const struct record *r)
{
	struct treatment a = {0}, b = {0};
	struct str rcpt_to;
	bool any = false;
	d->messages++;
	for (size_t at = 0; record_next(r, "rcpt-to", &at, &rcpt_to);) {
		d->recipients++;
		treatment_find(&a, old, r, rcpt_to);
		treatment_find(&b, new_set, r, rcpt_to);
		if (str_eq(buf_str(&a.key), buf_str(&b.key)))
			continue;
		any = true;
		d->different_recipients++;
		count(d, group_of(d, &a, &b), record_get(r, "id"), rcpt_to);
	}
	d->different_messages += any;
	treatment_release(&a);
	treatment_release(&b);
}

void
diff_release(struct diff *d)
{
	struct diff_group *g, *next;
	HASH_ITER (hh, d->groups, g, next) {
		HASH_DEL(d->groups, g);
		for (size_t i = 0; i < g->nexamples; i++) {
			free(g->examples[i].id);
			free(g->examples[i].recipient);
		}
		free(g->examples);
		free(g->key);
		free(g->old_rules);
		free(g->old_text);
		free(g->new_rules);
		free(g->new_text);
		free(g);
	}
}
