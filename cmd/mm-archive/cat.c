#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "commands.h"
#include "io.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"

/* What is behind the last whole frame belongs to who appends, or to nobody. */
static int
write_frames(struct archive_cipher *c, const char *path, struct str octets, uint64_t at)
{
	while (at < octets.n) {
		size_t n = archive_cipher_frame(c, str_skip(octets, at));
		struct str frame = str_n(octets.p + at, n);
		if (n == 0 || archive_cipher_unseal(c, at, &frame) < 0) {
			log_error("%s: there is no whole frame at byte %llu", path,
				(unsigned long long)at);
			return EX_DATAERR;
		}
		if (io_write_all(STDOUT_FILENO, frame.p, frame.n) < 0) {
			log_error("cannot write to standard output: %s", strerror(errno));
			return EX_TEMPFAIL;
		}
		at += n;
	}
	return EX_OK;
}

static int
write_file(const struct archive_keys *keys, const char *path, int fd, size_t size)
{
	struct archive_cipher *c = NULL;
	void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	int status = EX_NOINPUT;
	if (map == MAP_FAILED) {
		log_error("cannot read %s: %s", path, strerror(errno));
		return status;
	}
	if (!keys || (c = archive_cipher_open(keys, fd, path)))
		status = write_frames(c, path, str_n(map, size), archive_cipher_start(keys));
	archive_cipher_free(c);
	munmap(map, size);
	return status;
}

/* A path within the archive, or any other. */
static int
open_tar(const struct mail_archive *a, const char *file, char **path)
{
	*path = xasprintf("%s/%s", a->dir, file);
	int fd = open(*path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	free(*path);
	*path = xstrdup(file);
	return open(file, O_RDONLY | O_CLOEXEC);
}

static int
cat_file(const struct mail_archive *a, const char *file)
{
	char *path;
	struct stat st;
	int status = EX_NOINPUT, fd = open_tar(a, file, &path);
	if (fd < 0 || fstat(fd, &st) < 0)
		log_error("cannot open %s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		log_error("%s: expected a tar file, such as 2026-11/22-mx1-0001%s", path,
			mail_archive_tar_ending(a->keys));
	else
		status = st.st_size ? write_file(a->keys, path, fd, (size_t)st.st_size) : EX_OK;
	if (fd >= 0)
		close(fd);
	free(path);
	return status;
}

int
command_cat(struct options *o, char **operands)
{
	struct mail_archive a;
	int status = EX_NOINPUT;
	if (mail_archive_open(&a, o->site, o->root, operands[0]) == 0) {
		status = EX_OK;
		for (char **file = operands + 1; *file; file++) {
			int rc = cat_file(&a, *file);
			status = rc != EX_OK ? rc : status;
		}
	}
	mail_archive_release(&a);
	return status;
}
