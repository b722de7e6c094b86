#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "forget_tails.h"
#include "log.h"
#include "mem.h"
#include "reindex.h"
#include "tar_file.h"

/* In a closed one it stays; who writes that anew leaves it out. */
static int
cut(int fd, const char *path, const struct stat *st, uint64_t end)
{
	if (tar_file_is_closed(st))
		return 0;
	log_warn("%s: cutting off %llu octets of a frame that was never finished", path,
		(unsigned long long)((uint64_t)st->st_size - end));
	if (ftruncate(fd, (off_t)end) == 0 && fsync(fd) == 0)
		return 0;
	log_error("cannot cut %s: %s", path, strerror(errno));
	return -1;
}

static int
settle(struct month_index *x, const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = tar_file_open(path), held = -1, rc = -1;
	struct stat st;
	uint64_t end;
	if (fd < 0 || (held = tar_file_hold(fd)) < 0 || fstat(fd, &st) < 0) {
		log_error("cannot open %s: %s", path, strerror(errno));
	} else if (held == 0) {
		rc = 0; /* what is behind the index's end is in the making */
	} else {
		rc = reindex_known(x, dir, name, (uint64_t)st.st_size, &end);
		if (rc == 0 && end > archive_cipher_start(x->keys) &&
			end < (uint64_t)st.st_size)
			rc = cut(fd, path, &st, end);
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

int
forget_tails(struct month_index *x, const char *dir)
{
	char **tars;
	size_t n;
	int rc = 0;
	if (mail_archive_tars(dir, &tars, &n) < 0) {
		log_error("cannot read %s: %s", dir, strerror(errno));
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (rc == 0)
			rc = settle(x, dir, tars[i]);
		free(tars[i]);
	}
	free(tars);
	return rc < 0 ? rc : month_index_adopt(x);
}
