/* blob.h: the octets of a message: immutable, contiguous, shared by counting
 * references.  Large ones live in an unlinked file that is mapped, so that a
 * window of messages in flight does not become resident memory. */
#ifndef MM_BLOB_H
#define MM_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

#define BLOB_SPOOL_SIZE (1 << 20) /* from this size on, a blob is a mapped file */

struct blob {
	const char *p;
	size_t n;
	unsigned refs;
	size_t mapped; /* length of the mapping; 0 when p is from malloc */
};

/* Each returns a blob with one reference for the caller. */
struct blob *blob_empty(void);
struct blob *blob_copy(const void *p, size_t n);
struct blob *blob_join(struct str first, struct str second); /* spooled if it is large */
struct blob *blob_take(struct buf *b); /* takes b's memory, leaves b empty */

struct blob *blob_ref(struct blob *b); /* returns b */
void blob_unref(struct blob *b);       /* NULL is allowed */

/* Collects a blob of at most `size` octets; from BLOB_SPOOL_SIZE on it is spooled
 * from the start.  {0} when unused. */
struct blob_builder {
	struct buf mem;
	bool spooled; /* into fd; else in mem */
	int fd;
	size_t size;
	size_t filled;
};

/* All return 0, or -1 with errno set when the spool ($TMPDIR, else /var/tmp)
 * cannot be written; the builder is then empty. */
int blob_build_start(struct blob_builder *w, size_t size);
int blob_build_add(struct blob_builder *w, const void *p, size_t n); /* never beyond size */
int blob_build_finish(struct blob_builder *w, struct blob **out);
void blob_build_abandon(struct blob_builder *w);

#endif
