#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "archive_frame.h"
#include "clock.h"
#include "log.h"
#include "mem.h"
#include "reindex.h"
#include "stream.h"

/* A tar file, mapped, while its frames are indexed. */
struct tail {
	struct month_index *index;
	const char *file;
	struct frame_reader reader;
	struct index_text text;
	int64_t frame; /* row */
	struct str raw;
	struct record *head; /* of the last envelope entry, waiting for its message */
	struct tar_entry head_at;
	size_t messages;
};

/* An envelope entry is a record without its octets, which follow as the next
 * entry; one of length 0 adds recipients. */
static int
take_envelope(struct tail *t, struct tar_entry where)
{
	struct str text = str_n(t->raw.p + where.at, where.size);
	const char *line_end = memchr(text.p, '\n', text.n);
	struct stream_reader in = {0};
	int rc = -1;
	record_free(t->head);
	t->head = NULL;
	if (line_end) {
		struct str fields = str_skip(text, (size_t)(line_end - text.p) + 1);
		stream_feed(&in, "mail 1 0\n", 9);
		stream_feed(&in, fields.p, fields.n);
		if (stream_next(&in, &t->head) == 1)
			rc = 0;
	}
	stream_reader_release(&in);
	t->head_at = where;
	return rc;
}

static bool
belongs(struct str name, struct str id, struct str ending)
{
	return name.n == id.n + ending.n && str_starts(name, id) && str_ends(name, ending);
}

static int
take_message(struct tail *t, struct str name, struct tar_entry where)
{
	struct str id = t->head ? record_get(t->head, "id") : STR_NONE, received;
	int64_t ms = 0;
	if (!id.p || !belongs(name, id, STR(".eml")))
		return -1;
	received = record_get(t->head, "received");
	if (!received.p || clock_parse_rfc3339(received, &ms) < 0)
		return -1;
	index_text_make(&t->text, str_n(t->raw.p + where.at, where.size));
	struct index_message m = {.rec = t->head,
		.id = id,
		.received = ms,
		.frame = t->frame,
		.head = t->head_at,
		.eml = where,
		.text = &t->text};
	int rc = month_index_add(t->index, &m);
	t->messages += rc == 0;
	return rc < 0 ? -1 : 0;
}

static int
take_entry(void *arg, const char *name, struct tar_entry where)
{
	struct tail *t = arg;
	struct str s = str_of(name);
	if (where.at > t->raw.n || where.size > t->raw.n - where.at)
		return -1;
	if (str_ends(s, STR(".eml")))
		return take_message(t, s, where);
	if (!str_ends(s, STR(".envelope")))
		return 0;
	if (take_envelope(t, where) < 0)
		return -1;
	return memchr(s.p, '+', s.n)
		       ? month_index_merge(t->index, record_get(t->head, "id"), t->head)
		       : 0;
}

/* 1: indexed, or known.  0: what is there is no whole frame.  -1: the index failed. */
static int
take_frame(struct tail *t, int64_t file_row, struct str rest, uint64_t at, size_t *length)
{
	int known = month_index_frame_at(t->index, file_row, at, length);
	if (known != 0)
		return known;
	size_t n = frame_next(&t->reader, at, rest);
	if (n == 0)
		return 0;
	t->raw = buf_str(&t->reader.raw);
	struct index_frame f = {.file = file_row, .offset = at, .length = n, .raw = t->raw.n};
	SHA256((const unsigned char *)rest.p, n, f.sha256);
	t->frame = month_index_add_frame(t->index, &f);
	*length = n;
	return t->frame < 0 || tar_frame_walk(t->raw, take_entry, t) < 0 ? -1 : 1;
}

static int
take_frames(struct tail *t, int64_t file_row, struct str octets, uint64_t *end, bool *full)
{
	uint64_t start = archive_cipher_start(t->index->keys);
	uint64_t at = *end > start ? *end : start;
	int rc = 1;
	if (month_index_begin(t->index, full) != 0)
		return -1;
	while (rc == 1 && at < octets.n) {
		size_t n = 0;
		rc = take_frame(t, file_row, str_skip(octets, at), at, &n);
		at += n;
	}
	if (rc < 0) {
		log_error("%s: the frame at byte %llu cannot be indexed", t->file,
			(unsigned long long)at);
		month_index_rollback(t->index);
		return -1;
	}
	if (month_index_commit(t->index, full) < 0)
		return -1;
	*end = at;
	return 0;
}

int
reindex_tail(struct month_index *x, const char *dir, const char *file, int64_t file_row,
	uint64_t *end, bool *full)
{
	char *path = xasprintf("%s/%s", dir, file);
	struct tail t = {.index = x, .file = file};
	struct stat st;
	void *map = MAP_FAILED;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
	frame_reader_init(&t.reader, dir, x->keys);
	if (fd >= 0 && fstat(fd, &st) == 0)
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED) {
		log_error("cannot read %s: %s", path, strerror(errno));
	} else {
		if (frame_file(&t.reader, str_of(file)) == 0)
			rc = take_frames(
				&t, file_row, str_n(map, (size_t)st.st_size), end, full);
		munmap(map, (size_t)st.st_size);
	}
	if (t.messages)
		log_warn("%s: indexed %zu messages that the index did not know", path,
			t.messages);
	if (fd >= 0)
		close(fd);
	record_free(t.head);
	index_text_release(&t.text);
	frame_reader_release(&t.reader);
	free(path);
	return rc;
}

/* Row of the file and how far the index knows it; the file is added if new. */
static int
know_file(struct month_index *x, const char *name, int64_t *row, uint64_t *end, bool *full)
{
	*end = 0;
	int known = month_index_file(x, name, row, end);
	if (known != 0)
		return known < 0 ? -1 : 0;
	if (month_index_begin(x, full) != 0)
		return -1;
	*row = month_index_add_file(x, name);
	if (*row < 0) {
		month_index_rollback(x);
		return -1;
	}
	return month_index_commit(x, full);
}

int
reindex_known(
	struct month_index *x, const char *dir, const char *name, uint64_t size, uint64_t *end)
{
	bool full = false;
	int64_t row;
	if (know_file(x, name, &row, end, &full) < 0)
		return -1;
	return size > *end ? reindex_tail(x, dir, name, row, end, &full) : 0;
}

bool
reindex_held(struct month_index *x, const char *dir, const char *name, uint64_t size)
{
	uint64_t end;
	if (reindex_known(x, dir, name, size, &end) < 0)
		return false;
	if (size == end)
		return true;
	if (size < end)
		log_error(
			"%s/%s is shorter than its index says; " REINDEX_OLD_INDEX, dir, name);
	else
		log_error("%s/%s: from byte %llu on there is no whole frame", dir, name,
			(unsigned long long)end);
	return false;
}

bool
reindex_whole(
	struct month_index *x, const char *dir, const char *name, uint64_t size, int64_t *row)
{
	uint64_t end = 0;
	return reindex_held(x, dir, name, size) && month_index_file(x, name, row, &end) == 1 &&
	       (end ? end : archive_cipher_start(x->keys)) == size;
}
