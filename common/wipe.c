#include <stdlib.h>
#include <string.h>

#include "wipe.h"

void
wipe_str(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	free(s);
}

void
wipe_buf(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->cap);
	buf_release(b);
}
