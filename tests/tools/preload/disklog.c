/* disklog.so: what a program asks of the disk, for tests that take its power away.
 *
 *     LD_PRELOAD=disklog.so DISKLOG=FILE DISKLOG_DIR=DIR program
 *
 * appends to FILE, for every file below DIR, what was written, cut off, made,
 * removed and renamed, and when a sync began and ended; and what the program is
 * about to say on standard output.  tests/tools/queue-powerloss.py reads it.
 *
 * A record: "op pid offset length path-length\n", the path, the octets. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 4096

static int log_fd = -1;
static const char *dir;
static char *paths[FDS]; /* of files below dir */
static ssize_t (*real_write)(int, const void *, size_t);

#define NEXT(name) \
	static __typeof__(name) *next; \
	if (!next) \
	next = (__typeof__(next))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void
start(void)
{
	const char *path = getenv("DISKLOG");
	dir = getenv("DISKLOG_DIR");
	real_write = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	if (!path || !dir)
		return;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	log_fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 900);
	close(fd);
}

/* One write(2), so that those of several processes do not mix. */
static void
note(char op, const char *path, long long offset, const void *data, size_t n)
{
	char *text = malloc(n + strlen(path) + 128);
	int saved = errno;
	if (log_fd >= 0 && text) {
		int head = sprintf(text, "%c %d %lld %zu %zu\n%s", op, (int)getpid(), offset, n,
			strlen(path), path);
		if (n)
			memcpy(text + head, data, n);
		if (real_write(log_fd, text, (size_t)head + n) < 0)
			abort();
	}
	free(text);
	errno = saved;
}

static const char *
path_of(int fd)
{
	return fd >= 0 && fd < FDS ? paths[fd] : NULL;
}

static bool
below(const char *path)
{
	return dir && strncmp(path, dir, strlen(dir)) == 0;
}

static int
opened(int fd, const char *path, int flags, bool was_there)
{
	struct stat st;
	if (fd < 0 || fd >= FDS || !below(path) || fstat(fd, &st) < 0 ||
		(!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return fd;
	free(paths[fd]);
	paths[fd] = strdup(path);
	if (!was_there)
		note('c', path, 0, NULL, 0);
	else if (flags & O_TRUNC)
		note('t', path, 0, NULL, 0);
	return fd;
}

#define OPEN(name) \
	int name(const char *path, int flags, ...) \
	{ \
		va_list ap; \
		va_start(ap, flags); \
		mode_t mode = va_arg(ap, mode_t); \
		va_end(ap); \
		NEXT(name); \
		bool was_there = !below(path) || access(path, F_OK) == 0; \
		return opened(next(path, flags, mode), path, flags, was_there); \
	}
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
	int name(int at, const char *path, int flags, ...) \
	{ \
		va_list ap; \
		va_start(ap, flags); \
		mode_t mode = va_arg(ap, mode_t); \
		va_end(ap); \
		NEXT(name); \
		bool was_there = !below(path) || access(path, F_OK) == 0; \
		return opened(next(at, path, flags, mode), path, flags, was_there); \
	}
OPENAT(openat)
OPENAT(openat64)

int
close(int fd)
{
	NEXT(close);
	if (path_of(fd)) {
		free(paths[fd]);
		paths[fd] = NULL;
	}
	return next(fd);
}

/* Before it is said: by then what it promises must be on the disk. */
ssize_t
write(int fd, const void *data, size_t n)
{
	if (fd == STDOUT_FILENO && getenv("DISKLOG_SAYS"))
		note('a', "", 0, data, n);
	const char *path = path_of(fd);
	off_t at = path ? lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR) : 0;
	ssize_t done = real_write(fd, data, n);
	if (path && done > 0)
		note('w', path, at, data, (size_t)done);
	return done;
}

static void
note_vector(const char *path, off_t at, const struct iovec *v, int count, ssize_t done)
{
	for (int i = 0; i < count && done > 0; i++) {
		size_t n = v[i].iov_len < (size_t)done ? v[i].iov_len : (size_t)done;
		note(path ? 'w' : 'a', path ? path : "", at, v[i].iov_base, n);
		at += (off_t)n;
		done -= (ssize_t)n;
	}
}

ssize_t
writev(int fd, const struct iovec *v, int count)
{
	NEXT(writev);
	const char *path = path_of(fd);
	if (fd == STDOUT_FILENO && getenv("DISKLOG_SAYS"))
		note_vector(NULL, 0, v, count, INT32_MAX);
	off_t at = path ? lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR) : 0;
	ssize_t done = next(fd, v, count);
	if (path)
		note_vector(path, at, v, count, done);
	return done;
}

#define PWRITE(name) \
	ssize_t name(int fd, const void *data, size_t n, off_t at) \
	{ \
		NEXT(name); \
		ssize_t done = next(fd, data, n, at); \
		if (path_of(fd) && done > 0) \
			note('w', path_of(fd), at, data, (size_t)done); \
		return done; \
	}
PWRITE(pwrite)
PWRITE(pwrite64)

#define PWRITEV(name) \
	ssize_t name(int fd, const struct iovec *v, int count, off_t at) \
	{ \
		NEXT(name); \
		ssize_t done = next(fd, v, count, at); \
		if (path_of(fd)) \
			note_vector(path_of(fd), at, v, count, done); \
		return done; \
	}
PWRITEV(pwritev)
PWRITEV(pwritev64)

#define TRUNCATE(name) \
	int name(int fd, off_t n) \
	{ \
		NEXT(name); \
		int rc = next(fd, n); \
		if (path_of(fd) && rc == 0) \
			note('t', path_of(fd), n, NULL, 0); \
		return rc; \
	}
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define ALLOCATE(name) \
	int name(int fd, off_t at, off_t n) \
	{ \
		NEXT(name); \
		int rc = next(fd, at, n); \
		if (path_of(fd) && rc == 0) \
			note('f', path_of(fd), at + n, NULL, 0); \
		return rc; \
	}
ALLOCATE(posix_fallocate)
ALLOCATE(posix_fallocate64)

#define FALLOCATE(name) \
	int name(int fd, int mode, off_t at, off_t n) \
	{ \
		NEXT(name); \
		int rc = next(fd, mode, at, n); \
		if (path_of(fd) && rc == 0) \
			note('f', path_of(fd), mode ? 0 : at + n, NULL, 0); \
		return rc; \
	}
FALLOCATE(fallocate)
FALLOCATE(fallocate64)

#define SYNC(name) \
	int name(int fd) \
	{ \
		NEXT(name); \
		if (path_of(fd)) \
			note('s', path_of(fd), 0, NULL, 0); \
		int rc = next(fd); \
		if (path_of(fd) && rc == 0) \
			note('d', path_of(fd), 0, NULL, 0); \
		return rc; \
	}
SYNC(fsync)
SYNC(fdatasync)

int
unlink(const char *path)
{
	NEXT(unlink);
	int rc = next(path);
	if (rc == 0 && below(path))
		note('u', path, 0, NULL, 0);
	return rc;
}

int
rename(const char *from, const char *to)
{
	NEXT(rename);
	int rc = next(from, to);
	if (rc < 0 || !below(to))
		return rc;
	note('r', from, 0, to, strlen(to));
	for (int fd = 0; fd < FDS; fd++)
		if (paths[fd] && strcmp(paths[fd], from) == 0) {
			free(paths[fd]);
			paths[fd] = strdup(to);
		}
	return rc;
}
