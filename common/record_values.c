#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "record_values.h"

static int
compare(const void *a, const void *b)
{
	const struct str *s = a, *t = b;
	int order = memcmp(s->p, t->p, s->n < t->n ? s->n : t->n);
	return order ? order : (s->n > t->n) - (s->n < t->n);
}

void
record_values_read(struct record_values *v, const struct record *r, const char *name)
{
	struct str value;
	size_t cap = 0;
	*v = (struct record_values){0};
	for (size_t at = 0; record_next(r, name, &at, &value);) {
		v->list = xgrow(v->list, &cap, v->n + 1, sizeof(*v->list));
		v->list[v->n++] = value;
	}
	if (v->n)
		qsort(v->list, v->n, sizeof(*v->list), compare);
}

bool
record_values_has(const struct record_values *v, struct str value)
{
	return v->n && bsearch(&value, v->list, v->n, sizeof(*v->list), compare);
}

void
record_values_release(struct record_values *v)
{
	free(v->list);
	*v = (struct record_values){0};
}
