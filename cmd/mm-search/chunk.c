#include <stdlib.h>

#include "chunk.h"
#include "mem.h"

void
chunk_end(struct chunk *c)
{
	c->ends = xgrow(c->ends, &c->cap, c->n + 1, sizeof(size_t));
	c->ends[c->n++] = c->text.n;
}

void
chunk_move(struct chunk *to, struct chunk *from)
{
	size_t at = to->text.n;
	if (to->n == 0) {
		struct chunk spare = *to;
		*to = *from;
		*from = spare;
	} else {
		to->ends = xgrow(to->ends, &to->cap, to->n + from->n, sizeof(size_t));
		for (size_t i = 0; i < from->n; i++)
			to->ends[to->n++] = at + from->ends[i];
		buf_adds(&to->text, buf_str(&from->text));
	}
	buf_reset(&from->text);
	from->n = 0;
}

void
chunk_release(struct chunk *c)
{
	buf_release(&c->text);
	free(c->ends);
	*c = (struct chunk){0};
}
