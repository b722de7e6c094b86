/* buf.h: bytes that grow.  {0} is an empty buf; buf_release() makes it so again. */
#ifndef MM_BUF_H
#define MM_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

struct buf {
	char *p; /* owned; not NUL-terminated unless buf_cstr() was the last call */
	size_t n;
	size_t cap;
};

void buf_reserve(struct buf *b, size_t more); /* room for `more` bytes behind p+n */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addstr(struct buf *b, const char *s);
void buf_adds(struct buf *b, struct str s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_addnum(struct buf *b, int64_t value); /* decimal */
void buf_vaddf(struct buf *b, const char *fmt, va_list ap);
void buf_consume(struct buf *b, size_t n); /* drops n bytes from the front */
void buf_reset(struct buf *b);             /* empties, keeps the memory */
void buf_release(struct buf *b);           /* empties, frees the memory */
const char *buf_cstr(struct buf *b);       /* valid until the next change */

static inline void
buf_addc(struct buf *b, char c)
{
	if (b->n == b->cap)
		buf_reserve(b, 1);
	b->p[b->n++] = c;
}

static inline struct str
buf_str(const struct buf *b)
{
	return str_n(b->p ? b->p : "", b->n);
}

#endif
