#include <stdlib.h>
#include <uthash.h>

#include "mem.h"
#include "pathset.h"

struct pathset_entry {
	UT_hash_handle hh;
};

bool
pathset_add(struct pathset *s, struct str path)
{
	struct pathset_entry *e;
	HASH_FIND(hh, s->entries, path.p, path.n, e);
	if (e)
		return false;
	e = xcalloc(1, sizeof(*e));
	HASH_ADD_KEYPTR(hh, s->entries, path.p, path.n, e);
	return true;
}

void
pathset_release(struct pathset *s)
{
	struct pathset_entry *e, *next;
	HASH_ITER (hh, s->entries, e, next) {
		HASH_DEL(s->entries, e);
		free(e);
	}
}
