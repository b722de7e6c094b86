#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blob.h"
#include "io.h"
#include "mem.h"

static struct blob *
blob_new(const char *p, size_t n)
{
	struct blob *b = xcalloc(1, sizeof(*b));
	b->p = p;
	b->n = n;
	b->refs = 1;
	return b;
}

/* One for all: most records are envelopes, or get their body later. */
static struct blob empty = {.p = "", .refs = 1};

struct blob *
blob_empty(void)
{
	return &empty;
}

struct blob *
blob_copy(const void *p, size_t n)
{
	return blob_new(xmemdup0(p, n), n);
}

static struct blob *
join_in_spool(struct str first, struct str second)
{
	struct blob_builder w;
	struct blob *joined;
	if (blob_build_start(&w, first.n + second.n) < 0 ||
		blob_build_add(&w, first.p, first.n) < 0 ||
		blob_build_add(&w, second.p, second.n) < 0 ||
		blob_build_finish(&w, &joined) < 0)
		return NULL;
	return joined;
}

struct blob *
blob_join(struct str first, struct str second)
{
	struct buf all = {0};
	struct blob *spooled = NULL;
	if (first.n + second.n >= BLOB_SPOOL_SIZE)
		spooled = join_in_spool(first, second);
	if (spooled) /* without a spool, memory will do */
		return spooled;
	buf_reserve(&all, first.n + second.n);
	buf_adds(&all, first);
	buf_adds(&all, second);
	return blob_take(&all);
}

struct blob *
blob_take(struct buf *b)
{
	buf_reserve(b, 0);
	struct blob *blob = b->p ? blob_new(b->p, b->n) : blob_empty();
	*b = (struct buf){0};
	return blob;
}

struct blob *
blob_ref(struct blob *b)
{
	if (b != &empty)
		b->refs++;
	return b;
}

void
blob_unref(struct blob *b)
{
	if (!b || b == &empty || --b->refs > 0)
		return;
	if (b->mapped)
		munmap((void *)b->p, b->mapped);
	else
		free((void *)b->p);
	free(b);
}

static int
open_spool(void)
{
	const char *dir = getenv("TMPDIR");
	if (!dir || !*dir)
		dir = "/var/tmp";
	int fd = open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
		return fd;
	char *path = xasprintf("%s/mm-spool.XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

int
blob_build_start(struct blob_builder *w, size_t size)
{
	*w = (struct blob_builder){.size = size};
	if (size < BLOB_SPOOL_SIZE) {
		buf_reserve(&w->mem, size);
		return 0;
	}
	w->fd = open_spool();
	w->spooled = w->fd >= 0;
	return w->spooled ? 0 : -1;
}

int
blob_build_add(struct blob_builder *w, const void *p, size_t n)
{
	w->filled += n;
	if (!w->spooled) {
		buf_add(&w->mem, p, n);
		return 0;
	}
	if (io_write_all(w->fd, p, n) == 0)
		return 0;
	int saved = errno;
	blob_build_abandon(w);
	errno = saved;
	return -1;
}

int
blob_build_finish(struct blob_builder *w, struct blob **out)
{
	if (!w->spooled || w->filled == 0) {
		*out = blob_take(&w->mem);
		blob_build_abandon(w);
		return 0;
	}
	void *map = mmap(NULL, w->filled, PROT_READ, MAP_PRIVATE, w->fd, 0);
	int saved = errno;
	blob_build_abandon(w);
	errno = saved;
	if (map == MAP_FAILED)
		return -1;
	*out = blob_new(map, w->filled);
	(*out)->mapped = w->filled;
	return 0;
}

void
blob_build_abandon(struct blob_builder *w)
{
	if (w->spooled)
		close(w->fd);
	w->spooled = false;
	buf_release(&w->mem);
}
