#include <archive.h>
#include <archive_entry.h>
#include <zstd.h>

#include "log.h"
#include "tar_frame.h"

#define BLOCK 512

static la_ssize_t
collect(struct archive *tar, void *arg, const void *p, size_t n)
{
	(void)tar;
	buf_add(&((struct tar_frame *)arg)->raw, p, n);
	return (la_ssize_t)n;
}

int
tar_frame_init(struct tar_frame *f)
{
	*f = (struct tar_frame){.tar = archive_write_new(), .zstd = ZSTD_createCCtx()};
	if (!f->tar || !f->zstd ||
		archive_write_set_format_pax_restricted(f->tar) != ARCHIVE_OK ||
		archive_write_set_bytes_per_block(f->tar, 0) != ARCHIVE_OK ||
		archive_write_open(f->tar, f, NULL, collect, NULL) != ARCHIVE_OK) {
		log_error("cannot start libarchive or libzstd");
		tar_frame_release(f);
		return -1;
	}
	ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_compressionLevel, TAR_FRAME_LEVEL);
	ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_checksumFlag, 1);
	return 0;
}

void
tar_frame_level(struct tar_frame *f, int level)
{
	ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_compressionLevel, level);
}

void
tar_frame_release(struct tar_frame *f)
{
	archive_write_free(f->tar);
	ZSTD_freeCCtx(f->zstd);
	buf_release(&f->raw);
	buf_release(&f->packed);
	*f = (struct tar_frame){0};
}

void
tar_frame_start(struct tar_frame *f)
{
	buf_reset(&f->raw);
}

int
tar_frame_add(struct tar_frame *f, const char *name, int64_t mtime_ms, struct str octets,
	struct tar_entry *where)
{
	struct archive_entry *e = archive_entry_new();
	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0640);
	archive_entry_set_size(e, (la_int64_t)octets.n);
	archive_entry_set_mtime(e, (time_t)(mtime_ms / 1000), 0);
	int rc = archive_write_header(f->tar, e);
	*where = (struct tar_entry){.at = f->raw.n, .size = octets.n};
	if (rc == ARCHIVE_OK && octets.n &&
		archive_write_data(f->tar, octets.p, octets.n) != (la_ssize_t)octets.n)
		rc = ARCHIVE_FATAL;
	if (rc == ARCHIVE_OK)
		rc = archive_write_finish_entry(f->tar);
	archive_entry_free(e);
	if (rc != ARCHIVE_OK)
		log_error("cannot make a tar entry: %s", archive_error_string(f->tar));
	return rc == ARCHIVE_OK ? 0 : -1;
}

int
tar_frame_pack(struct tar_frame *f, struct str *packed)
{
	buf_reset(&f->packed);
	buf_reserve(&f->packed, ZSTD_compressBound(f->raw.n));
	size_t n = ZSTD_compress2(f->zstd, f->packed.p, f->packed.cap, f->raw.p, f->raw.n);
	if (ZSTD_isError(n)) {
		log_error("cannot compress: %s", ZSTD_getErrorName(n));
		return -1;
	}
	f->packed.n = n;
	*packed = buf_str(&f->packed);
	return 0;
}

static uint64_t
padded(uint64_t size)
{
	return (size + BLOCK - 1) / BLOCK * BLOCK;
}

void
tar_frame_copy(struct tar_frame *f, struct str raw, struct tar_entry from)
{
	buf_add(&f->raw, raw.p + from.head, from.at + padded(from.size) - from.head);
}

/* libarchive tells where entries begin, not where their octets do: those end,
 * padded, where the next entry begins. */
struct walk {
	tar_frame_each *each;
	void *arg;
	char *name;
	uint64_t head, size;
};

static int
finish_entry(struct walk *w, uint64_t end)
{
	if (!w->name || padded(w->size) > end - w->head)
		return w->name ? -1 : 0;
	return w->each(w->arg, w->name,
		(struct tar_entry){
			.at = end - padded(w->size), .size = w->size, .head = w->head});
}

static int
walk_entries(struct archive *tar, struct walk *w, uint64_t end)
{
	struct archive_entry *e;
	int rc;
	struct buf name = {0};
	while ((rc = archive_read_next_header(tar, &e)) == ARCHIVE_OK) {
		const char *path = archive_entry_pathname(e);
		if (!path || archive_entry_size(e) < 0 ||
			finish_entry(w, (uint64_t)archive_read_header_position(tar)) < 0)
			break;
		buf_reset(&name);
		buf_add(&name, path, strlen(path) + 1);
		w->name = name.p;
		w->head = (uint64_t)archive_read_header_position(tar);
		w->size = (uint64_t)archive_entry_size(e);
	}
	int result = rc == ARCHIVE_EOF ? finish_entry(w, end) : -1;
	buf_release(&name);
	return result;
}

int
tar_frame_walk(struct str raw, tar_frame_each *each, void *arg)
{
	struct walk w = {.each = each, .arg = arg};
	struct archive *tar = archive_read_new();
	int rc = -1;
	if (tar && archive_read_support_format_tar(tar) == ARCHIVE_OK &&
		archive_read_open_memory(tar, raw.p, raw.n) == ARCHIVE_OK)
		rc = walk_entries(tar, &w, raw.n);
	archive_read_free(tar);
	return rc;
}
