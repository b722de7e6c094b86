#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "tar_file.h"

#define MAX_SEQUENCE 99999
#define NODE_MAX 40

char *
tar_node(void)
{
	char host[256] = "localhost";
	const char *set = getenv("MM_NODE");
	if (!set || !*set) {
		(void)gethostname(host, sizeof(host) - 1);
		set = host;
	}
	char *node = xcalloc(1, NODE_MAX + 1);
	size_t n = 0;
	for (; *set && *set != '.' && n < NODE_MAX; set++) {
		char c = ascii_lower(*set);
		node[n++] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
	}
	if (n == 0)
		node[0] = 'x';
	return node;
}

int
tar_file_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 && errno == EACCES ? open(path, O_RDONLY | O_CLOEXEC) : fd;
}

int
tar_file_hold(int fd)
{
	if (io_lock(fd, LOCK_EX | LOCK_NB) == 0)
		return 1;
	return errno == EWOULDBLOCK ? 0 : -1;
}

bool
tar_file_is_closed(const struct stat *st)
{
	return (st->st_mode & S_IWUSR) == 0;
}

bool
tar_file_is_over(const struct tar_file *t)
{
	struct stat st;
	return fstat(t->fd, &st) < 0 || st.st_nlink == 0 || tar_file_is_closed(&st);
}

/* One that is closed, where even its owner cannot open it for writing. */
static bool
is_closed(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && tar_file_is_closed(&st);
}

/* 1: claimed.  0: not this one.  -1: errno is set. */
static int
try_claim(struct tar_file *t, const char *path)
{
	struct stat st;
	t->fd = io_make(path, O_RDWR, 0640);
	if (t->fd < 0)
		return errno == EACCES && is_closed(path) ? 0 : -1;
	int rc = tar_file_hold(t->fd);
	/* st_nlink: it may have been pruned between open and flock */
	if (rc > 0 && (rc = fstat(t->fd, &st)) == 0 && st.st_nlink > 0 &&
		!tar_file_is_closed(&st) && (uint64_t)st.st_size < TAR_FILE_FULL) {
		t->size = (uint64_t)st.st_size;
		return 1;
	}
	int saved = errno;
	close(t->fd);
	t->fd = -1;
	errno = saved;
	return rc;
}

int
tar_file_claim(struct tar_file *t, const char *dir, int day, const char *node,
	const char *ending, unsigned *sequence)
{
	*t = (struct tar_file){.fd = -1};
	for (unsigned n = *sequence; n <= MAX_SEQUENCE; n++) {
		char *name = xasprintf("%02d-%s-%04u%s", day, node, n, ending);
		char *path = xasprintf("%s/%s", dir, name);
		int rc = try_claim(t, path);
		if (rc > 0 && io_sync_parent(path) < 0) {
			close(t->fd);
			rc = -1;
		}
		if (rc > 0) {
			t->name = name;
			t->path = path;
			*sequence = n;
			return 0;
		}
		free(path);
		free(name);
		if (rc < 0)
			return -1;
	}
	errno = EMFILE;
	return -1;
}

/* Its folder may have gone since, and another process begun the same name in a new one. */
static bool
is_ours(const struct tar_file *t)
{
	struct stat held, there;
	return fstat(t->fd, &held) == 0 && stat(t->path, &there) == 0 &&
	       held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

void
tar_file_close(struct tar_file *t)
{
	if (t->name && t->size <= t->start && is_ours(t))
		(void)unlink(t->path);
	if (t->name)
		close(t->fd);
	archive_cipher_free(t->cipher);
	free(t->name);
	free(t->path);
	*t = (struct tar_file){.fd = -1};
}

/* Is there less than a header, or the zeros that a crash may leave of one? */
static bool
header_is_torn(const struct tar_file *t)
{
	unsigned char header[ARCHIVE_CIPHER_HEADER] = {0}, none[ARCHIVE_CIPHER_HEADER] = {0};
	ssize_t n = pread(t->fd, header, sizeof(header), 0);
	return n >= 0 && (n < ARCHIVE_CIPHER_HEADER || memcmp(header, none, sizeof(none)) == 0);
}

static int
write_header(struct tar_file *t, const struct archive_keys *keys)
{
	unsigned char header[ARCHIVE_CIPHER_HEADER];
	t->cipher = archive_cipher_new(keys, header);
	if (!t->cipher)
		return -1;
	if (tar_file_truncate(t, 0) == 0 &&
		tar_file_append(t, str_n((const char *)header, sizeof(header))) == 0)
		return 0;
	int saved = errno;
	log_error("cannot write %s: %s", t->path, strerror(saved));
	(void)tar_file_truncate(t, 0);
	errno = saved;
	return -1;
}

int
tar_file_begin(struct tar_file *t, const struct archive_keys *keys, bool indexed)
{
	errno = 0;
	t->start = archive_cipher_start(keys);
	if (!keys)
		return 0;
	if (!indexed && header_is_torn(t))
		return write_header(t, keys);
	t->cipher = archive_cipher_open(keys, t->fd, t->path);
	return t->cipher ? 0 : -1;
}

int
tar_file_seal(struct tar_file *t, struct str *frame)
{
	if (archive_cipher_seal(t->cipher, t->size, frame) == 0)
		return 0;
	log_error("%s: cannot encrypt a frame", t->path);
	return -1;
}

int
tar_file_append(struct tar_file *t, struct str octets)
{
	for (size_t done = 0; done < octets.n;) {
		ssize_t n = pwrite(
			t->fd, octets.p + done, octets.n - done, (off_t)(t->size + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	t->size += octets.n;
	return 0;
}

int
tar_file_sync(struct tar_file *t)
{
	return fdatasync(t->fd);
}

int
tar_file_truncate(struct tar_file *t, uint64_t size)
{
	if (ftruncate(t->fd, (off_t)size) < 0)
		return -1;
	t->size = size;
	return 0;
}
