#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "batch.h"
#include "io.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "tar_file.h"
#include "tar_rewrite.h"

static int
wait_for_lock(int fd, const char *dir, int operation)
{
	int rc = io_lock(fd, operation | LOCK_NB);
	if (rc == 0 || errno != EWOULDBLOCK)
		return rc;
	log_info("%s: waiting for a program that %s", dir,
		operation == LOCK_SH ? "writes its files anew"
				     : "writes its files anew or verifies them");
	return io_lock(fd, operation);
}

/* Is it still the file of that name, or has the folder gone? */
static bool
is_there(int fd, const char *path)
{
	struct stat held, there;
	return fstat(fd, &held) == 0 && stat(path, &there) == 0 &&
	       held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

/* Who only reads may have no right to write there. */
static int
open_lock(const char *path, int operation)
{
	int fd = io_make(path, O_RDWR, 0640);
	return fd < 0 && operation == LOCK_SH ? open(path, O_RDONLY | O_CLOEXEC) : fd;
}

/* A descriptor of the file, locked; -1 with errno set. */
static int
lock_file(const char *path, const char *dir, int operation)
{
	int fd;
	while ((fd = open_lock(path, operation)) >= 0) {
		int rc = wait_for_lock(fd, dir, operation), saved = errno;
		if (rc == 0 && is_there(fd, path))
			return fd;
		close(fd);
		errno = saved;
		if (rc < 0)
			return -1;
	}
	return -1;
}

static int
lock_folder(const char *dir, int operation)
{
	char *path = xasprintf("%s/" TAR_REWRITE_LOCK, dir);
	int fd = lock_file(path, dir, operation), saved = errno;
	free(path);
	errno = saved;
	return fd;
}

int
tar_rewrite_hold_off(const char *dir)
{
	return lock_folder(dir, LOCK_SH);
}

int
tar_rewrite_lock(const char *dir)
{
	int fd = lock_folder(dir, LOCK_EX), saved = errno;
	if (fd >= 0)
		return fd;
	if (saved == ENOENT)
		log_info("%s was pruned meanwhile", dir);
	else
		log_error("cannot lock %s: %s", dir, strerror(saved));
	errno = saved;
	return -1;
}

int
tar_rewrite_close_old(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
	if (fd >= 0 && fstat(fd, &st) == 0 &&
		(tar_file_is_closed(&st) || fchmod(fd, 0440) == 0) && fsync(fd) == 0)
		rc = 0;
	else
		log_error("cannot close %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

static int
failed(const struct tar_rewrite *w, const char *doing, const char *path)
{
	log_error("%s/%s: cannot %s %s: %s", w->dir, w->file, doing, path, strerror(errno));
	return -1;
}

static struct str
without_number(struct str base, struct str mark)
{
	size_t n = base.n;
	while (n && base.p[n - 1] >= '0' && base.p[n - 1] <= '9')
		n--;
	return n < base.n && str_ends(str_n(base.p, n), mark) ? str_n(base.p, n - mark.n)
							      : base;
}

/* The first name that neither the index nor the folder has. */
static int
choose_name(struct tar_rewrite *w, struct month_index *x, const char *mark)
{
	struct str base = str_of(w->file);
	struct stat st;
	int64_t row;
	uint64_t end;
	const char *ending = mail_archive_tar_ending(x->keys);
	base.n -= strlen(ending);
	base = without_number(base, str_of(mark));
	for (int n = 1;; n++) {
		w->name = xasprintf("%.*s%s%d%s", STR_ARG(base), mark, n, ending);
		w->path = xasprintf("%s/%s", w->dir, w->name);
		int known = month_index_file(x, w->name, &row, &end);
		if (known < 0 || (known == 0 && lstat(w->path, &st) < 0)) {
			w->part = xasprintf("%s" TAR_PART_ENDING, w->path);
			return known;
		}
		free(w->name);
		free(w->path);
	}
}

static int
start(struct tar_rewrite *w, const struct archive_keys *keys)
{
	unsigned char header[ARCHIVE_CIPHER_HEADER];
	if (keys && !(w->cipher = archive_cipher_new(keys, header)))
		return -1;
	if (keys && io_write_all(w->fd, header, sizeof(header)) < 0)
		return failed(w, "write", w->part);
	w->size = archive_cipher_start(keys);
	return frame_file(&w->check, str_of(strrchr(w->part, '/') + 1));
}

int
tar_rewrite_open(struct tar_rewrite *w, struct month_index *x, const char *dir,
	const char *file, const char *mark, int level)
{
	*w = (struct tar_rewrite){.dir = dir, .file = file, .fd = -1};
	frame_reader_init(&w->check, dir, x->keys);
	if (tar_frame_init(&w->packer) < 0 || choose_name(w, x, mark) < 0)
		return -1;
	tar_frame_level(&w->packer, level);
	w->fd = open(w->part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	return w->fd < 0 ? failed(w, "open", w->part) : start(w, x->keys);
}

static int
append(struct tar_rewrite *w, const struct index_frame *like, struct str packed)
{
	if (archive_cipher_seal(w->cipher, w->size, &packed) < 0 ||
		frame_next(&w->check, w->size, packed) != packed.n ||
		w->check.raw.n != like->raw) {
		log_error("%s/%s: a frame does not unpack to what was packed", w->dir, w->file);
		return -1;
	}
	w->frames = xgrow(w->frames, &w->frames_cap, w->nframes + 1, sizeof(*w->frames));
	struct index_frame *f = &w->frames[w->nframes++];
	*f = *like;
	f->offset = w->size;
	f->length = packed.n;
	SHA256((const unsigned char *)packed.p, packed.n, f->sha256);
	if (io_write_all(w->fd, packed.p, packed.n) < 0)
		return failed(w, "write", w->part);
	w->size += packed.n;
	return 0;
}

/* What is to take the place of the only other copy is read back first. */
int
tar_rewrite_end_frame(struct tar_rewrite *w)
{
	struct str raw = buf_str(&w->packer.raw), packed;
	if (raw.n == 0)
		return 0;
	if (tar_frame_pack(&w->packer, &packed) < 0)
		return -1;
	if (frame_unpack(&w->check, packed, raw.n) < 0 ||
		!str_eq(buf_str(&w->check.raw), raw)) {
		log_error("%s/%s: a frame does not unpack to what was packed", w->dir, w->file);
		return -1;
	}
	struct index_frame f = {.raw = raw.n};
	int rc = append(w, &f, packed);
	w->in_frame = 0;
	tar_frame_start(&w->packer);
	return rc;
}

int
tar_rewrite_room(struct tar_rewrite *w, uint64_t octets)
{
	if (w->in_frame >= BATCH_FRAME_MESSAGES ||
		(w->in_frame && w->packer.raw.n + octets > BATCH_FRAME_OCTETS))
		return tar_rewrite_end_frame(w);
	return 0;
}

int
tar_rewrite_packed(struct tar_rewrite *w, const struct index_frame *like, struct str packed)
{
	return tar_rewrite_end_frame(w) < 0 ? -1 : append(w, like, packed);
}

/* What root writes anew is still the gateway's. */
static int
take_owner(struct tar_rewrite *w)
{
	char *path = xasprintf("%s/%s", w->dir, w->file);
	struct stat st;
	int rc = geteuid() == 0 && stat(path, &st) == 0 ? fchown(w->fd, st.st_uid, st.st_gid)
							: 0;
	free(path);
	return rc;
}

int
tar_rewrite_finish(struct tar_rewrite *w)
{
	if (tar_rewrite_end_frame(w) < 0)
		return -1;
	if (w->nframes == 0)
		return unlink(w->part) < 0 ? failed(w, "remove", w->part) : 0;
	if (take_owner(w) < 0 || fchmod(w->fd, 0440) < 0 || fsync(w->fd) < 0 ||
		rename(w->part, w->path) < 0 || io_sync_parent(w->path) < 0)
		return failed(w, "finish", w->part);
	return 0;
}

int
tar_rewrite_remove_old(struct tar_rewrite *w)
{
	char *path = xasprintf("%s/%s", w->dir, w->file);
	int rc = unlink(path) < 0 || io_sync_parent(path) < 0 ? failed(w, "remove", path) : 0;
	free(path);
	return rc;
}

void
tar_rewrite_discard(struct tar_rewrite *w)
{
	if (w->fd < 0)
		return;
	(void)unlink(w->part);
	(void)unlink(w->path);
}

void
tar_rewrite_release(struct tar_rewrite *w)
{
	if (w->fd >= 0)
		close(w->fd);
	archive_cipher_free(w->cipher);
	frame_reader_release(&w->check);
	tar_frame_release(&w->packer);
	free(w->frames);
	free(w->name);
	free(w->path);
	free(w->part);
	*w = (struct tar_rewrite){.fd = -1};
}

/* The first frame from an offset on.  1, 0, -1 after the reason was logged; nothing of the
 * index is held then. */
static int
find_frame(sqlite3_stmt *st, uint64_t from, int64_t *n, struct index_frame *f)
{
	sqlite3_bind_int64(st, 2, (sqlite3_int64)from);
	int step = sqlite3_step(st);
	if (step == SQLITE_ROW) {
		*n = sqlite3_column_int64(st, 0);
		*f = (struct index_frame){.offset = (uint64_t)sqlite3_column_int64(st, 1),
			.length = (uint64_t)sqlite3_column_int64(st, 2),
			.raw = (uint64_t)sqlite3_column_int64(st, 3)};
		if (sqlite3_column_bytes(st, 4) == sizeof(f->sha256))
			memcpy(f->sha256, sqlite3_column_blob(st, 4), sizeof(f->sha256));
	} else if (step != SQLITE_DONE) {
		index_log_error(sqlite3_db_handle(st), "cannot read the index");
	}
	sqlite3_reset(st);
	return step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : -1;
}

int
tar_rewrite_frames(struct month_index *x, struct frame_reader *fr, const char *file,
	uint64_t from, tar_rewrite_each *each, void *arg)
{
	sqlite3_stmt *st;
	struct index_frame f = {0};
	int64_t n = 0;
	int rc = 0, found;
	if (index_prepare(x->db,
		    "SELECT r.n, r.offset, r.length, r.raw, r.sha256 FROM frame AS r"
		    " WHERE r.file = (SELECT n FROM file WHERE name = ?) AND r.offset >= ?"
		    " ORDER BY r.offset LIMIT 1",
		    &st) < 0)
		return -1;
	sqlite3_bind_text(st, 1, file, -1, SQLITE_STATIC);
	while (rc == 0 && (found = find_frame(st, from, &n, &f)) != 0) {
		struct archive_row row = {.file = str_of(file),
			.frame_at = f.offset,
			.frame_size = f.length,
			.frame_raw = f.raw};
		struct str raw;
		rc = found < 0 ? -1 : frame_read(fr, &row, &raw);
		if (rc == 0 && (rc = each(arg, n, &f, raw)) < 0)
			log_error("%s/%s: the frame at byte %llu cannot be copied",
				fr->month_dir, file, (unsigned long long)row.frame_at);
		from = f.offset + 1;
	}
	sqlite3_finalize(st);
	return rc;
}
