#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

static int
stat_folder(const char *path, struct stat *st)
{
	char *dir = io_parent(path);
	int rc = stat(dir, st);
	free(dir);
	return rc;
}

/* Another name of the file may be anywhere. */
int
io_inherit_owner(int fd, const char *path)
{
	struct stat own, folder;
	if (geteuid() != 0)
		return 0;
	if (fstat(fd, &own) < 0 || stat_folder(path, &folder) < 0)
		return -1;
	if (own.st_uid != 0 || folder.st_uid == 0 ||
		(own.st_nlink > 1 && !S_ISDIR(own.st_mode)))
		return 0;
	return fchown(fd, folder.st_uid, folder.st_gid);
}

static int
given(int fd, const char *path)
{
	if (fd < 0 || io_inherit_owner(fd, path) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
io_make(const char *path, int flags, unsigned mode)
{
	return given(open(path, flags | O_CREAT | O_CLOEXEC, mode), path);
}

int
io_make_folder(const char *path, unsigned mode)
{
	if (mkdir(path, mode) < 0)
		return -1;
	int fd = given(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), path);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}
