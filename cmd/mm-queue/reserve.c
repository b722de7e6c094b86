#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "mem.h"
#include "reserve.h"

#define RESERVE_SIZE (4 << 20)

bool
reserve_make(const char *dir)
{
	char *path = xasprintf("%s/reserve", dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int problem =
		fd < 0 ? (errno == EEXIST ? 0 : errno) : posix_fallocate(fd, 0, RESERVE_SIZE);
	if (fd >= 0) {
		close(fd);
		if (problem)
			unlink(path);
	}
	free(path);
	errno = problem;
	return problem == 0;
}

bool
reserve_give_up(const char *dir)
{
	char *path = xasprintf("%s/reserve", dir);
	bool was_there = unlink(path) == 0;
	free(path);
	return was_there;
}
