#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "archive_cipher.h"
#include "archive_frame.h"
#include "archive_frame_moved.h"
#include "log.h"
#include "mem.h"
#include "record_values.h"
#include "stream.h"

#define FRAME_MAX_STORED (ZSTD_compressBound(FRAME_MAX_RAW) + ARCHIVE_CIPHER_HEADER)

void
frame_reader_init(
	struct frame_reader *fr, const char *month_dir, const struct archive_keys *keys)
{
	*fr = (struct frame_reader){.month_dir = xstrdup(month_dir), .keys = keys, .fd = -1};
}

static void
close_file(struct frame_reader *fr)
{
	if (fr->fd >= 0)
		close(fr->fd);
	fr->fd = -1;
	archive_cipher_free(fr->cipher);
	fr->cipher = NULL;
	free(fr->file);
	fr->file = NULL;
	buf_reset(&fr->raw);
}

void
frame_reader_rest(struct frame_reader *fr)
{
	close_file(fr);
	buf_release(&fr->packed);
	buf_release(&fr->raw);
	ZSTD_freeDCtx(fr->zstd);
	fr->zstd = NULL;
}

void
frame_reader_release(struct frame_reader *fr)
{
	frame_reader_rest(fr);
	free(fr->now_file);
	free(fr->month_dir);
	*fr = (struct frame_reader){.fd = -1};
}

static int
damaged(const struct frame_reader *fr, const struct archive_row *row, const char *what)
{
	log_error("%s/%.*s: frame at byte %llu %s", fr->month_dir, STR_ARG(row->file),
		(unsigned long long)row->frame_at, what);
	return -1;
}

int
frame_file(struct frame_reader *fr, struct str name)
{
	if (fr->file && str_eq(str_of(fr->file), name))
		return 0;
	close_file(fr);
	if (memchr(name.p, '/', name.n) || memchr(name.p, '\0', name.n)) {
		log_error("%s: the index names a file outside its folder", fr->month_dir);
		return -1;
	}
	char *path = xasprintf("%s/%.*s", fr->month_dir, STR_ARG(name));
	fr->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fr->fd < 0)
		log_error("cannot open %s: %s", path, strerror(errno));
	else if (fr->keys && !(fr->cipher = archive_cipher_open(fr->keys, fr->fd, path)))
		close_file(fr);
	else
		fr->file = str_dup(name);
	free(path);
	return fr->fd < 0 ? -1 : 0;
}

int
frame_unpack(struct frame_reader *fr, struct str packed, uint64_t raw_size)
{
	if (!fr->zstd && !(fr->zstd = ZSTD_createDCtx()))
		return -1;
	buf_reset(&fr->raw);
	if (raw_size > FRAME_MAX_RAW ||
		ZSTD_getFrameContentSize(packed.p, packed.n) != raw_size)
		return -1;
	buf_reserve(&fr->raw, raw_size);
	size_t got = ZSTD_decompressDCtx(fr->zstd, fr->raw.p, raw_size, packed.p, packed.n);
	if (ZSTD_isError(got) || got != raw_size)
		return -1;
	fr->raw.n = got;
	return 0;
}

size_t
frame_next(struct frame_reader *fr, uint64_t at, struct str octets)
{
	size_t n = archive_cipher_frame(fr->cipher, octets);
	struct str packed = str_n(octets.p, n);
	buf_reset(&fr->raw);
	fr->frame_at = at;
	return n && archive_cipher_unseal(fr->cipher, at, &packed) == 0 &&
			       frame_unpack(fr, packed,
				       ZSTD_getFrameContentSize(packed.p, packed.n)) == 0
		       ? n
		       : 0;
}

static int
pread_all(int fd, struct buf *b, uint64_t n, uint64_t at)
{
	buf_reset(b);
	buf_reserve(b, n);
	while (b->n < n) {
		ssize_t got = pread(fd, b->p + b->n, n - b->n, (off_t)(at + b->n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		b->n += (size_t)got;
	}
	return 0;
}

int
frame_read(struct frame_reader *fr, const struct archive_row *row, struct str *raw)
{
	if (frame_file(fr, row->file) < 0)
		return -1;
	if (fr->raw.n == 0 || fr->frame_at != row->frame_at) {
		buf_reset(&fr->raw);
		if (row->frame_size > FRAME_MAX_STORED ||
			pread_all(fr->fd, &fr->packed, row->frame_size, row->frame_at) < 0)
			return damaged(fr, row, "is cut short");
		struct str packed = buf_str(&fr->packed);
		if (archive_cipher_unseal(fr->cipher, row->frame_at, &packed) < 0)
			return damaged(fr, row, "is not as it was encrypted");
		if (frame_unpack(fr, packed, row->frame_raw) < 0)
			return damaged(fr, row, "does not unpack");
		fr->frame = packed;
		fr->frame_at = row->frame_at;
	}
	*raw = buf_str(&fr->raw);
	return 0;
}

static bool
slice(struct str raw, uint64_t at, uint64_t size, struct str *out)
{
	if (at > raw.n || size > raw.n - at)
		return false;
	*out = str_n(raw.p + at, size);
	return true;
}

int
frame_message(struct frame_reader *fr, const struct archive_row *row, struct str *octets)
{
	struct str raw;
	row = frame_row_now(fr, row);
	if (frame_read(fr, row, &raw) < 0)
		return -1;
	return slice(raw, row->at, row->size, octets)
		       ? 0
		       : damaged(fr, row, "is smaller than the index says");
}

static int
add_recipients(sqlite3 *db, const struct archive_row *row, struct record *r)
{
	sqlite3_stmt *st;
	struct record_values given;
	struct buf later = {0}; /* lines: what is added to a record moves its values */
	if (index_prepare(db, "SELECT path FROM rcpt WHERE message = ? ORDER BY path", &st) < 0)
		return -1;
	record_values_read(&given, r, "rcpt-to");
	sqlite3_bind_int64(st, 1, row->n);
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct str path = index_text(st, 0);
		if (record_values_has(&given, path))
			continue;
		buf_adds(&later, path);
		buf_addc(&later, '\n');
	}
	record_values_release(&given);
	for (struct str rest = buf_str(&later); rest.n;)
		record_add(r, "rcpt-to", str_cut(&rest, '\n'));
	buf_release(&later);
	return sqlite3_finalize(st) == SQLITE_OK ? 0 : -1;
}

struct record *
frame_record(struct frame_reader *fr, sqlite3 *db, const struct archive_row *row)
{
	struct stream_reader in = {0};
	struct record *r = NULL;
	struct str raw, head, body;
	row = frame_row_now(fr, row);
	if (frame_read(fr, row, &raw) < 0)
		return NULL;
	if (slice(raw, row->head_at, row->head_size, &head) &&
		slice(raw, row->at, row->size, &body)) {
		stream_feed(&in, head.p, head.n);
		stream_feed(&in, body.p, body.n);
		if (stream_next(&in, &r) != 1 || r->body->n != body.n ||
			add_recipients(db, row, r) < 0) {
			record_free(r);
			r = NULL;
		}
	}
	stream_reader_release(&in);
	if (!r)
		damaged(fr, row, "does not hold the record that the index says");
	return r;
}
