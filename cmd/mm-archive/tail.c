#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "archive_frame.h"
#include "log.h"
#include "mem.h"
#include "reindex.h"
#include "tail.h"
#include "tar_file.h"

static int
count_entry(void *arg, const char *name, struct tar_entry where)
{
	size_t *n = arg;
	(void)name;
	(void)where;
	++*n;
	return 0;
}

/* Length of the whole frame there, or 0. */
static size_t
whole_at(struct frame_reader *fr, struct str octets, uint64_t at)
{
	size_t entries = 0, n = frame_next(fr, at, str_skip(octets, at));
	return n && tar_frame_walk(buf_str(&fr->raw), count_entry, &entries) == 0 && entries
		       ? n
		       : 0;
}

static uint64_t
find_whole(struct frame_reader *fr, struct str octets, uint64_t at)
{
	while ((at = archive_cipher_look(fr->cipher, octets, at)) < octets.n &&
		!whole_at(fr, octets, at))
		at++;
	return at;
}

static uint64_t
end_of_run(struct frame_reader *fr, struct str octets, uint64_t at)
{
	size_t n;
	while (at < octets.n && (n = whole_at(fr, octets, at)) > 0)
		at += n;
	return at;
}

/* What a file has: `x` and `row` to have the index know what is whole behind damage, else
 * NULL. */
struct looking {
	struct frame_reader reader;
	const char *name;
	struct month_index *x;
	int64_t row;
};

/* What somebody sent who knows how frames look may be in a damaged one as it was sent, but is
 * not followed by whole ones up to the end; an encrypted one nobody can make. */
static void
salvage(struct looking *l, struct str octets, uint64_t at)
{
	bool full = false;
	while (at < octets.n) {
		uint64_t end = end_of_run(&l->reader, octets, at);
		if ((end == octets.n || l->reader.keys) &&
			reindex_tail(l->x, l->reader.month_dir, l->name, l->row, &at, &full) <
				0)
			return;
		at = end < octets.n ? find_whole(&l->reader, octets, end + 1) : end;
	}
}

static int
look(struct looking *l, struct str octets, uint64_t at)
{
	struct frame_reader *fr = &l->reader;
	at = end_of_run(fr, octets, at);
	uint64_t next = at < octets.n ? find_whole(fr, octets, at + 1) : octets.n;
	if (next >= octets.n)
		return 1;
	log_error("%s/%s: the frame at byte %llu is damaged, and a whole one follows at byte "
		  "%llu; put a copy of the file in its place that is whole",
		fr->month_dir, l->name, (unsigned long long)at, (unsigned long long)next);
	if (l->x)
		salvage(l, octets, next);
	return 0;
}

/* As tail_is_torn(). */
static int
look_at_file(struct looking *l, uint64_t end)
{
	struct stat st;
	uint64_t start = archive_cipher_start(l->reader.keys);
	int rc = -1;
	if (frame_file(&l->reader, str_of(l->name)) < 0 || fstat(l->reader.fd, &st) < 0)
		return -1;
	size_t size = (size_t)st.st_size;
	void *map = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, l->reader.fd, 0) : NULL;
	if (map == MAP_FAILED)
		log_error(
			"cannot read %s/%s: %s", l->reader.month_dir, l->name, strerror(errno));
	else
		rc = look(l, str_n(map, size), end > start ? end : start);
	if (size && map != MAP_FAILED)
		munmap(map, size);
	return rc;
}

int
tail_is_torn(const struct archive_keys *keys, const char *dir, const char *name, uint64_t end)
{
	struct looking l = {.name = name};
	frame_reader_init(&l.reader, dir, keys);
	int rc = look_at_file(&l, end);
	frame_reader_release(&l.reader);
	return rc;
}

void
tail_salvage(struct month_index *x, const char *dir, const char *name)
{
	struct looking l = {.name = name, .x = x};
	uint64_t end;
	frame_reader_init(&l.reader, dir, x->keys);
	if (month_index_file(x, name, &l.row, &end) == 1)
		(void)look_at_file(&l, end);
	frame_reader_release(&l.reader);
}

static int
cut(const char *dir, const char *name, int fd, uint64_t octets, uint64_t end)
{
	log_warn("%s/%s: cutting off %llu octets of a frame that was never finished", dir, name,
		(unsigned long long)octets);
	if (ftruncate(fd, (off_t)end) == 0 && fsync(fd) == 0)
		return 1;
	log_error("cannot cut %s/%s: %s", dir, name, strerror(errno));
	return -1;
}

/* A header that was never finished is left to who appends next. */
int
tail_settle(struct month_index *x, const char *dir, const char *name, int fd)
{
	struct stat st;
	uint64_t start = archive_cipher_start(x->keys), end;
	if (fstat(fd, &st) < 0) {
		log_error("cannot read %s/%s: %s", dir, name, strerror(errno));
		return -1;
	}
	uint64_t size = (uint64_t)st.st_size;
	if (reindex_known(x, dir, name, size > start ? size : 0, &end) < 0)
		return -1;
	end = end > start ? end : start;
	if (end >= size)
		return 1;
	int torn = tail_is_torn(x->keys, dir, name, end);
	return torn == 1 && !tar_file_is_closed(&st) ? cut(dir, name, fd, size - end, end)
						     : torn;
}
