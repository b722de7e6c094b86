#include <errno.h>

#include "body.h"

#define MEMORY_MAX ((size_t)64 << 20)

static size_t in_memory; /* octets of all bodies */

static void
add_to_memory(struct body *b, const char *p, size_t n)
{
	buf_add(&b->mem, p, n);
	in_memory += n;
}

static void
release_memory(struct body *b)
{
	in_memory -= b->mem.n;
	buf_release(&b->mem);
}

void
body_start(struct body *b, size_t limit, struct str trace)
{
	*b = (struct body){.limit = limit, .spool.fd = -1};
	add_to_memory(b, trace.p, trace.n);
}

bool
body_over(const struct body *b)
{
	return b->octets > b->limit;
}

static void
drop(struct body *b)
{
	release_memory(b);
	if (b->spooling)
		blob_build_abandon(&b->spool);
	b->spooling = false;
}

static int
start_spool(struct body *b)
{
	size_t most = b->mem.n + b->limit;
	if (blob_build_start(&b->spool, most < BLOB_SPOOL_SIZE ? BLOB_SPOOL_SIZE : most) < 0)
		return -1;
	b->spooling = true;
	if (blob_build_add(&b->spool, b->mem.p, b->mem.n) < 0)
		return -1;
	release_memory(b);
	return 0;
}

static bool
fits_memory(const struct body *b, size_t n)
{
	return b->mem.n + n < BLOB_SPOOL_SIZE && in_memory + n <= MEMORY_MAX;
}

static int
keep(struct body *b, const char *p, size_t n)
{
	if (!b->spooling && fits_memory(b, n)) {
		add_to_memory(b, p, n);
		return 0;
	}
	if (!b->spooling && start_spool(b) < 0)
		return -1;
	return blob_build_add(&b->spool, p, n);
}

void
body_add(void *body, const char *p, size_t n)
{
	struct body *b = body;
	b->octets += n;
	if (b->error)
		return;
	if (body_over(b)) {
		drop(b);
	} else if (keep(b, p, n) < 0) {
		b->error = errno;
		drop(b);
	}
}

int
body_finish(struct body *b, struct blob **out)
{
	if (b->error) {
		errno = b->error;
		return -1;
	}
	if (!b->spooling) {
		in_memory -= b->mem.n;
		*out = blob_take(&b->mem);
		return 0;
	}
	b->spooling = false;
	return blob_build_finish(&b->spool, out);
}

void
body_abandon(struct body *b)
{
	drop(b);
}
