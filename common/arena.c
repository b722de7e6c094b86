#include <stdlib.h>

#include "arena.h"
#include "mem.h"

#define CHUNK_SIZE 16384

struct arena_chunk {
	struct arena_chunk *older;
	size_t used, size;
	char data[];
};

char *
arena_alloc(struct arena *a, size_t n)
{
	struct arena_chunk *c = a->newest;
	if (!c || c->size - c->used < n) {
		size_t size = n > CHUNK_SIZE ? n : CHUNK_SIZE;
		c = xmalloc(sizeof(*c) + size);
		*c = (struct arena_chunk){.older = a->newest, .size = size};
		a->newest = c;
	}
	char *p = c->data + c->used;
	c->used += n;
	return p;
}

void
arena_reset(struct arena *a)
{
	struct arena_chunk *c = a->newest, *older;
	if (!c)
		return;
	for (; c->older; c = older) {
		older = c->older;
		free(c);
	}
	c->used = 0;
	a->newest = c;
	if (c->size > CHUNK_SIZE) { /* one huge header must not stay for good */
		free(c);
		a->newest = NULL;
	}
}

void
arena_release(struct arena *a)
{
	arena_reset(a);
	free(a->newest);
	a->newest = NULL;
}
