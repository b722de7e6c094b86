#include <stdlib.h>
#include <uthash.h>

#include "mem.h"
#include "textmap.h"

struct textmap_entry {
	size_t number;
	UT_hash_handle hh;
};

bool
textmap_add(struct textmap *m, struct str text, size_t number)
{
	struct textmap_entry *e;
	HASH_FIND(hh, m->entries, text.p, text.n, e);
	if (e)
		return false;
	e = xcalloc(1, sizeof(*e));
	e->number = number;
	HASH_ADD_KEYPTR(hh, m->entries, text.p, text.n, e);
	return true;
}

size_t *
textmap_find(const struct textmap *m, struct str text)
{
	struct textmap_entry *e;
	HASH_FIND(hh, m->entries, text.p, text.n, e);
	return e ? &e->number : NULL;
}

void
textmap_release(struct textmap *m)
{
	struct textmap_entry *e, *next;
	HASH_ITER (hh, m->entries, e, next) {
		HASH_DEL(m->entries, e);
		free(e);
	}
}
