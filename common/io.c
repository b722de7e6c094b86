#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "io.h"
#include "mem.h"

int
io_write_all(int fd, const void *p, size_t n)
{
	struct iovec iov = {(void *)p, n};
	return io_writev_all(fd, &iov, 1);
}

int
io_writev_all(int fd, struct iovec *iov, int count)
{
	while (count > 0) {
		ssize_t put = writev(fd, iov, count);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		while (count > 0 && (size_t)put >= iov->iov_len) {
			put -= (ssize_t)iov->iov_len;
			iov++, count--;
		}
		if (count > 0) {
			iov->iov_base = (char *)iov->iov_base + put;
			iov->iov_len -= (size_t)put;
		}
	}
	return 0;
}

int
io_read_all(int fd, struct buf *b, size_t limit)
{
	size_t start = b->n;
	for (;;) {
		buf_reserve(b, 65536);
		ssize_t got = read(fd, b->p + b->n, b->cap - b->n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		b->n += (size_t)got;
		if (b->n - start > limit) {
			errno = EFBIG;
			return -1;
		}
	}
}

int
io_read_file(const char *path, struct buf *b, size_t limit)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int rc = io_read_all(fd, b, limit);
	int saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

static int
write_and_close(int fd, const void *p, size_t n, bool durable)
{
	int rc = io_write_all(fd, p, n);
	if (rc == 0 && durable)
		rc = fsync(fd);
	int saved = errno;
	if (close(fd) < 0 && rc == 0)
		return -1;
	errno = saved;
	return rc;
}

static int
replace(const char *path, const void *p, size_t n, unsigned mode, bool durable)
{
	char *tmp = xasprintf("%s.tmp.%ld", path, (long)getpid());
	(void)unlink(tmp); /* of a process that had our number and was killed */
	int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int rc = fd < 0 ? -1 : io_inherit_owner(fd, tmp);
	if (rc < 0 && fd >= 0)
		close(fd);
	else if (rc == 0)
		rc = write_and_close(fd, p, n, durable);
	if (rc == 0)
		rc = rename(tmp, path);
	if (rc == 0 && durable)
		rc = io_sync_parent(path);
	int saved = errno;
	if (rc < 0 && fd >= 0)
		unlink(tmp);
	free(tmp);
	errno = saved;
	return rc;
}

int
io_write_file(const char *path, const void *p, size_t n, unsigned mode)
{
	return replace(path, p, n, mode, true);
}

int
io_replace_file(const char *path, const void *p, size_t n, unsigned mode)
{
	return replace(path, p, n, mode, false);
}

char *
io_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? xmemdup0(path, slash == path ? 1 : (size_t)(slash - path))
		     : xstrdup(".");
}

int
io_sync_parent(const char *path)
{
	char *dir = io_parent(path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (fd < 0)
		return -1;
	int rc = fsync(fd);
	int saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

int
io_lock(int fd, int operation)
{
	int rc;
	do
		rc = flock(fd, operation);
	while (rc < 0 && errno == EINTR);
	return rc;
}

static int
set_flag(int fd, int get, int set, int flag, bool on)
{
	int flags = fcntl(fd, get);
	if (flags < 0)
		return -1;
	return fcntl(fd, set, on ? flags | flag : flags & ~flag);
}

int
io_set_nonblocking(int fd, bool on)
{
	return set_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK, on);
}

int
io_set_cloexec(int fd, bool on)
{
	return set_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC, on);
}

bool
io_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}
