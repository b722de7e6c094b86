/* mem.h: allocation that cannot fail.  When memory runs out the program says
 * so and exits EX_TEMPFAIL: nothing has been acknowledged, so the mail waits. */
#ifndef MM_MEM_H
#define MM_MEM_H

#include <stddef.h>

/* Each returns memory that the caller frees with free(); never NULL. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *s);
char *xmemdup0(const char *p, size_t n); /* a copy with a NUL after it */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Grows *array (of elements of the given size, *cap of them) so that `need`
 * fit.  Doubles, so that appending one at a time stays linear. */
void *xgrow(void *array, size_t *cap, size_t need, size_t size);

#endif
