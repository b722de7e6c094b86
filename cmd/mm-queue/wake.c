#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "wake.h"

int
wake_open(const char *dir)
{
	char *path = xasprintf("%s/wake", dir);
	int fd = -1;
	if (mkfifo(path, 0600) == 0 || errno == EEXIST)
		fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	int saved = errno;
	free(path);
	errno = saved;
	return fd;
}

static void
say(int fd, char what)
{
	if (write(fd, &what, 1) < 0)
		return; /* full: whoever reads it will look anyway */
}

void
wake_added(int fd)
{
	say(fd, '+');
}

void
wake_changed(int fd)
{
	say(fd, '*');
}

bool
wake_take(int fd)
{
	char said[4096];
	bool changed = false;
	ssize_t n;
	while ((n = read(fd, said, sizeof(said))) > 0)
		changed = changed || memchr(said, '*', (size_t)n);
	return changed;
}
