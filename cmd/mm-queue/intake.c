#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "disk_full.h"
#include "intake.h"
#include "intake_file.h"
#include "io.h"
#include "lasting.h"
#include "mem.h"
#include "ulid.h"

struct intake {
	char *dir;
	int fd; /* -1: a file is to be found for the next frame */
	struct intake_header header;
	off_t at; /* where the next frame goes */
	struct buf heads;
	struct iovec *iov;
	size_t cap;
	bool full;
	char error[512];
};

static int
note(struct intake *in, const char *what)
{
	in->full = disk_full_errno(errno);
	(void)snprintf(in->error, sizeof(in->error), "%s/intake: cannot %s: %s", in->dir, what,
		strerror(errno));
	return -1;
}

static int
make_directory(struct intake *in, const char *path)
{
	if (mkdir(path, 0700) == 0)
		return io_sync_parent(path) < 0 ? note(in, "make the directory durable") : 0;
	return errno == EEXIST ? 0 : note(in, "make the directory");
}

static void
let_go(struct intake *in)
{
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
}

/* A file whose writer was done with it, which nobody holds and nobody has removed
 * before we held it. */
static bool
take_file(struct intake *in, const char *name)
{
	struct stat st;
	char *path = intake_path(in->dir, name);
	in->fd = open(path, O_RDWR | O_CLOEXEC);
	free(path);
	if (in->fd < 0)
		return false;
	if (flock(in->fd, LOCK_EX | LOCK_NB) == 0 && fstat(in->fd, &st) == 0 &&
		st.st_nlink > 0 && st.st_size < INTAKE_FILE_MAX &&
		intake_read_header(in->fd, &in->header) == 0 && in->header.end == st.st_size) {
		in->at = st.st_size;
		return true;
	}
	let_go(in);
	return false;
}

static bool
take_any(struct intake *in)
{
	char *path = intake_path(in->dir, NULL);
	DIR *d = opendir(path);
	struct dirent *e;
	bool found = false;
	free(path);
	while (d && !found && (e = readdir(d)))
		found = e->d_name[0] != '.' && take_file(in, e->d_name);
	if (d)
		closedir(d);
	return found;
}

/* Under a name that no reader looks at until it is held and has its header. */
static int
make_file(struct intake *in)
{
	char name[ULID_SIZE], hidden[ULID_SIZE + 1];
	ulid_new(clock_now_ms(), name);
	(void)snprintf(hidden, sizeof(hidden), ".%s", name);
	char *from = intake_path(in->dir, hidden), *to = intake_path(in->dir, name);
	int rc = -1;
	in->header.end = 0;
	in->fd = open(from, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (in->fd < 0 || flock(in->fd, LOCK_EX | LOCK_NB) < 0 ||
		getrandom(&in->header.salt, sizeof(in->header.salt), 0) < 0 ||
		intake_write_header(in->fd, &in->header) < 0 || fsync(in->fd) < 0 ||
		rename(from, to) < 0 || io_sync_parent(to) < 0)
		note(in, "make a file");
	else
		rc = 0;
	in->at = INTAKE_HEADER_SIZE;
	if (rc < 0 && in->fd >= 0)
		unlink(from);
	if (rc < 0)
		let_go(in);
	free(from);
	free(to);
	return rc;
}

/* A file that somebody has removed under us would take the records with it. */
static bool
file_serves(const struct intake *in)
{
	struct stat st;
	return in->fd >= 0 && in->at < INTAKE_FILE_MAX && fstat(in->fd, &st) == 0 &&
	       st.st_nlink > 0;
}

/* A file that was finished must not look so while it is written to. */
static int
open_file(struct intake *in)
{
	if (file_serves(in))
		return 0;
	let_go(in);
	if (!take_any(in))
		return make_file(in);
	in->header.end = 0;
	if (intake_write_header(in->fd, &in->header) == 0)
		return 0;
	let_go(in);
	return note(in, "write a file");
}

struct intake *
intake_open(const char *dir, char *why, size_t size, bool *full)
{
	struct intake *in = xcalloc(1, sizeof(*in));
	in->dir = xstrdup(dir);
	in->fd = -1;
	char *path = intake_path(dir, NULL);
	int rc =
		make_directory(in, dir) < 0 || make_directory(in, path) < 0 || open_file(in) < 0
			? -1
			: 0;
	free(path);
	if (rc == 0)
		return in;
	(void)str_copy(str_of(in->error), why, size);
	*full = in->full;
	intake_close(in);
	return NULL;
}

void
intake_close(struct intake *in)
{
	if (!in)
		return;
	if (in->fd >= 0) {
		in->header.end = in->at;
		(void)intake_write_header(in->fd, &in->header);
	}
	let_go(in);
	buf_release(&in->heads);
	free(in->iov);
	free(in->dir);
	free(in);
}

/* Gathers the payload behind iov[0], which is the frame's header: of each record its
 * first line and fields, the message, and nothing copied but the fields. */
static uint64_t
gather(struct intake *in, struct record *const *list, size_t n)
{
	uint64_t length = 0;
	size_t *start = xcalloc(n + 1, sizeof(*start));
	buf_reset(&in->heads);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&in->heads, "mail 1 %zu\n", list[i]->body->n);
		lasting_fields(&in->heads, list[i]);
		buf_addc(&in->heads, '\n');
		start[i + 1] = in->heads.n;
	}
	in->iov = xgrow(in->iov, &in->cap, 2 * n + 1, sizeof(*in->iov));
	for (size_t i = 0; i < n; i++) {
		struct blob *body = list[i]->body;
		in->iov[2 * i + 1] = (struct iovec){
			.iov_base = in->heads.p + start[i], .iov_len = start[i + 1] - start[i]};
		in->iov[2 * i + 2] =
			(struct iovec){.iov_base = (void *)body->p, .iov_len = body->n};
		length += start[i + 1] - start[i] + body->n;
	}
	free(start);
	return length;
}

static int
write_frame(struct intake *in, struct iovec *iov, size_t n)
{
	if (lseek(in->fd, in->at, SEEK_SET) < 0)
		return -1;
	while (n > 0) {
		size_t part = n < IOV_MAX ? n : IOV_MAX;
		if (io_writev_all(in->fd, iov, (int)part) < 0)
			return -1;
		iov += part;
		n -= part;
	}
	return 0;
}

/* What was written in part is no whole frame, and goes.  After a sync that failed
 * nobody knows what is on the disk: the file is left for good. */
static int
take_back(struct intake *in, const char *what, bool for_good)
{
	int rc = note(in, what);
	if (ftruncate(in->fd, in->at) < 0 || for_good)
		let_go(in);
	return rc;
}

int
intake_append(struct intake *in, struct record *const *list, size_t n, int64_t now)
{
	uint8_t header[INTAKE_FRAME_SIZE];
	if (n == 0)
		return 0;
	if (open_file(in) < 0)
		return -1;
	struct intake_frame f = {
		.count = (uint32_t)n, .length = gather(in, list, n), .queued = now};
	intake_encode_frame(header, &f, in->header.salt, in->at, in->iov + 1, 2 * n);
	in->iov[0] = (struct iovec){.iov_base = header, .iov_len = sizeof(header)};
	if (write_frame(in, in->iov, 2 * n + 1) < 0)
		return take_back(in, "write", false);
	if (fdatasync(in->fd) < 0)
		return take_back(in, "make the records durable", true);
	in->at += (off_t)(sizeof(header) + f.length);
	return 0;
}

const char *
intake_error(const struct intake *in)
{
	return in->error;
}

bool
intake_full(const struct intake *in)
{
	return in->full;
}
