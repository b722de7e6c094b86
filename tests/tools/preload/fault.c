/* fault.so: a program is killed at a call that changes the disk, or the call is refused.
 *
 *     LD_PRELOAD=fault.so FAULT_DIR=DIR FAULT=KILL FAULT_AT=17 program
 *
 * counts, from 1, the calls that change something below DIR, and at call FAULT_AT does
 *
 *     FAULT=KILL      kills the program before the call
 *     FAULT=TORN      the same; of a write, the first half is done
 *     FAULT=ENOSPC    refuses the call with that errno (EACCES, EIO, ENOLCK, EROFS)
 *
 * With a '+' behind the number, all further ones are refused too.  FAULT_CALLS, such as
 * "fsync,rename", is which calls count (by the names below); else all but flock.  FAULT_LOG
 * is a file that gets a line "NAME PATH" for each call that counts. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *dir, *calls, *fault;
static long fault_at;
static bool onwards;
static int log_fd = -1;
static atomic_long count;

#define NEXT(name) \
	static __typeof__(name) *next; \
	if (!next) \
	next = (__typeof__(next))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void
start(void)
{
	const char *at = getenv("FAULT_AT"), *path = getenv("FAULT_LOG");
	char *end;
	dir = getenv("FAULT_DIR");
	calls = getenv("FAULT_CALLS");
	fault = getenv("FAULT");
	if (at) {
		fault_at = strtol(at, &end, 10);
		onwards = *end == '+';
	}
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (fd >= 0) {
		log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 900);
		close(fd);
	}
}

static int
error_of(const char *name)
{
	static const struct {
		const char *name;
		int value;
	} errors[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO}, {"EACCES", EACCES}, {"ENOLCK", ENOLCK},
		{"EROFS", EROFS}};
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].value;
	abort();
}

static bool
listed(const char *name)
{
	size_t n = strlen(name);
	if (!calls)
		return strcmp(name, "flock") != 0;
	for (const char *p = calls; (p = strstr(p, name)); p += n)
		if ((p == calls || p[-1] == ',') && (p[n] == ',' || p[n] == '\0'))
			return true;
	return false;
}

static bool
below(const char *path)
{
	size_t n = dir ? strlen(dir) : 0;
	return n && strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* Absolute, from at if it is not. */
static void
whole_path(int at, const char *path, char out[PATH_MAX])
{
	char link[64], base[PATH_MAX];
	ssize_t n = 0;
	if (at == AT_FDCWD)
		strcpy(link, "/proc/self/cwd");
	else
		snprintf(link, sizeof(link), "/proc/self/fd/%d", at);
	if (*path != '/')
		n = readlink(link, base, sizeof(base) - 1);
	if (snprintf(out, PATH_MAX, "%.*s%s%s", (int)(n < 0 ? 0 : n), base,
		    n > 0 && *path ? "/" : "", path) >= PATH_MAX)
		abort();
}

enum { GO, REFUSED, TEAR };

static int
happens(const char *name, const char *path)
{
	long n = atomic_fetch_add(&count, 1) + 1;
	if (log_fd >= 0)
		dprintf(log_fd, "%s %s\n", name, path);
	if (!fault || n < fault_at || (n > fault_at && !onwards))
		return GO;
	if (strcmp(fault, "KILL") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(fault, "TORN") == 0)
		return TEAR;
	errno = error_of(fault);
	return REFUSED;
}

static int
at_path(const char *name, int at, const char *path)
{
	char whole[PATH_MAX];
	if (!listed(name))
		return GO;
	whole_path(at, path, whole);
	if (!below(whole))
		return GO;
	int what = happens(name, whole);
	if (what == TEAR)
		kill(getpid(), SIGKILL);
	return what;
}

static int
at_write(const char *name, int fd)
{
	char whole[PATH_MAX];
	int saved = errno;
	if (!listed(name))
		return GO;
	whole_path(fd, "", whole);
	errno = saved;
	return below(whole) ? happens(name, whole) : GO;
}

static int
at_fd(const char *name, int fd)
{
	int what = at_write(name, fd);
	if (what == TEAR)
		kill(getpid(), SIGKILL);
	return what;
}

#define OPEN_MODE \
	va_list ap; \
	va_start(ap, flags); \
	mode_t mode = va_arg(ap, mode_t); \
	va_end(ap)

#define OPEN(name) \
	int name(const char *path, int flags, ...) \
	{ \
		OPEN_MODE; \
		NEXT(name); \
		if ((flags & O_CREAT) && access(path, F_OK) < 0 && \
			at_path("create", AT_FDCWD, path) == REFUSED) \
			return -1; \
		return next(path, flags, mode); \
	}
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
	int name(int at, const char *path, int flags, ...) \
	{ \
		OPEN_MODE; \
		NEXT(name); \
		if ((flags & O_CREAT) && faccessat(at, path, F_OK, 0) < 0 && \
			at_path("create", at, path) == REFUSED) \
			return -1; \
		return next(at, path, flags, mode); \
	}
OPENAT(openat)
OPENAT(openat64)

#define ON_PATH(name, counted, at, path, parameters, ...) \
	int name parameters \
	{ \
		NEXT(name); \
		return at_path(counted, at, path) == REFUSED ? -1 : next(__VA_ARGS__); \
	}
ON_PATH(mkdir, "mkdir", AT_FDCWD, path, (const char *path, mode_t mode), path, mode)
ON_PATH(mkdirat, "mkdir", at, path, (int at, const char *path, mode_t mode), at, path, mode)
ON_PATH(unlink, "unlink", AT_FDCWD, path, (const char *path), path)
ON_PATH(unlinkat, "unlink", at, path, (int at, const char *path, int flags), at, path, flags)
ON_PATH(remove, "unlink", AT_FDCWD, path, (const char *path), path)
ON_PATH(rmdir, "rmdir", AT_FDCWD, path, (const char *path), path)
ON_PATH(rename, "rename", AT_FDCWD, to, (const char *from, const char *to), from, to)

#define ON_FD(name, counted, parameters, ...) \
	int name parameters \
	{ \
		NEXT(name); \
		return at_fd(counted, fd) == REFUSED ? -1 : next(__VA_ARGS__); \
	}
ON_FD(fsync, "fsync", (int fd), fd)
ON_FD(fdatasync, "fsync", (int fd), fd)
ON_FD(syncfs, "fsync", (int fd), fd)
ON_FD(ftruncate, "truncate", (int fd, off_t n), fd, n)
ON_FD(ftruncate64, "truncate", (int fd, off64_t n), fd, n)
ON_FD(fchmod, "chmod", (int fd, mode_t mode), fd, mode)
ON_FD(futimens, "utimens", (int fd, const struct timespec times[2]), fd, times)
ON_FD(flock, "flock", (int fd, int operation), fd, operation)

ssize_t
write(int fd, const void *data, size_t n)
{
	NEXT(write);
	int what = at_write("write", fd);
	ssize_t done = what == REFUSED ? -1 : next(fd, data, what == TEAR ? n / 2 : n);
	if (what == TEAR)
		kill(getpid(), SIGKILL);
	return done;
}

#define PWRITE(name, offset) \
	ssize_t name(int fd, const void *data, size_t n, offset at) \
	{ \
		NEXT(name); \
		int what = at_write("write", fd); \
		ssize_t done = \
			what == REFUSED ? -1 : next(fd, data, what == TEAR ? n / 2 : n, at); \
		if (what == TEAR) \
			kill(getpid(), SIGKILL); \
		return done; \
	}
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	NEXT(writev);
	return at_fd("write", fd) == REFUSED ? -1 : next(fd, v, n);
}

#define PWRITEV(name, offset) \
	ssize_t name(int fd, const struct iovec *v, int n, offset at) \
	{ \
		NEXT(name); \
		return at_fd("write", fd) == REFUSED ? -1 : next(fd, v, n, at); \
	}
PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)
