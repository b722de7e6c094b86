#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "forget_tails.h"
#include "log.h"
#include "mem.h"
#include "tail.h"
#include "tar_file.h"

static int
settle(struct month_index *x, const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = tar_file_open(path), held = -1, rc = -1;
	if (fd < 0 || (held = tar_file_hold(fd)) < 0)
		log_error("cannot open %s: %s", path, strerror(errno));
	else if (held == 0)
		rc = 1; /* what is behind the index's end is in the making */
	else
		rc = tail_settle(x, dir, name, fd);
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
	int rc = 1;
	if (mail_archive_tars(dir, &tars, &n) < 0) {
		log_error("cannot read %s: %s", dir, strerror(errno));
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (rc == 1)
			rc = settle(x, dir, tars[i]);
		free(tars[i]);
	}
	free(tars);
	return rc == 1 && month_index_adopt(x) < 0 ? -1 : rc;
}
