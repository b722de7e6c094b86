/* arena.h: memory for many small texts that are given up together.  {0} is an
 * empty arena; what was given out stays where it is until the reset. */
#ifndef MM_ARENA_H
#define MM_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *newest;
};

char *arena_alloc(struct arena *a, size_t n); /* for text: not aligned */
void arena_reset(struct arena *a);            /* keeps one chunk for the next use */
void arena_release(struct arena *a);

#endif
