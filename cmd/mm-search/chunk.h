/* chunk.h: results as text, on their way from a thread that finds them to the one that
 * prints them. */
#ifndef MM_CHUNK_H
#define MM_CHUNK_H

#include "buf.h"

/* Result i ends at octet ends[i]. */
struct chunk {
	struct buf text;
	size_t *ends;
	size_t n, cap;
};

/* What was added to the text since the last result is one. */
void chunk_end(struct chunk *c);

/* Empties `from` into `to`. */
void chunk_move(struct chunk *to, struct chunk *from);

void chunk_release(struct chunk *c);

#endif
