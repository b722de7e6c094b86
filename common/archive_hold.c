#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_hold.h"
#include "archive_query.h"
#include "io.h"
#include "json.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"

void
archive_hold_release(struct archive_hold *h)
{
	for (size_t i = 0; i < h->nids; i++)
		free(h->ids[i]);
	free(h->ids);
	free(h->name);
	free(h->reason);
	free(h->created);
	free(h->by);
	free(h->query_text);
	query_free(h->query);
	*h = (struct archive_hold){0};
}

void
archive_holds_free(struct archive_holds *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->n; i++)
		archive_hold_release(&h->list[i]);
	free(h->list);
	free(h);
}

size_t
archive_holds_count(const struct archive_holds *h)
{
	return h->n;
}

static int
load_one(struct archive_hold *h, const char *folder, const char *file, struct problems *ps)
{
	char *path = xasprintf("%s/%s", folder, file);
	struct str name = str_of(file);
	struct buf text = {0};
	int rc = -1;
	name.n -= strlen(".json");
	if (io_read_file(path, &text, JSON_MAX_SIZE) < 0) {
		problem_add(ps, PROBLEM_ERROR, path, 0, 0, "", strerror(errno));
	} else if (archive_hold_parse(h, path, buf_str(&text), ps) == 0) {
		rc = str_eq(str_of(h->name), name) ? 0 : -1;
		if (rc < 0)
			problem_add(ps, PROBLEM_ERROR, path, 0, 0, "Name",
				"expected the name of the file, without .json");
	}
	buf_release(&text);
	free(path);
	return rc;
}

static void
load_folder(struct archive_holds *h, const char *folder, DIR *d, struct problems *ps)
{
	struct dirent *e;
	size_t cap = 0;
	errno = 0;
	for (; (e = readdir(d)); errno = 0) {
		struct archive_hold one = {0};
		if (!str_ends(str_of(e->d_name), STR(".json")))
			continue;
		if (load_one(&one, folder, e->d_name, ps) < 0) {
			archive_hold_release(&one);
			continue;
		}
		h->list = xgrow(h->list, &cap, h->n + 1, sizeof(*h->list));
		h->list[h->n++] = one;
	}
	if (errno)
		problem_add(ps, PROBLEM_ERROR, folder, 0, 0, "", strerror(errno));
}

static int
by_name(const void *x, const void *y)
{
	const struct archive_hold *a = x, *b = y;
	return strcmp(a->name, b->name);
}

struct archive_holds *
archive_holds_load(const char *archive_dir)
{
	struct archive_holds *h = xcalloc(1, sizeof(*h));
	char *folder = xasprintf("%s/" ARCHIVE_HOLDS, archive_dir);
	struct problems ps = {0};
	DIR *d = opendir(folder);
	if (d)
		load_folder(h, folder, d, &ps);
	else if (errno != ENOENT)
		problem_add(&ps, PROBLEM_ERROR, folder, 0, 0, "", strerror(errno));
	if (d)
		closedir(d);
	if (h->n)
		qsort(h->list, h->n, sizeof(*h->list), by_name);
	problems_log(&ps);
	if (ps.errors) {
		archive_holds_free(h);
		h = NULL;
	}
	problems_release(&ps);
	free(folder);
	return h;
}

static int
take(int fd, int operation)
{
	if (io_lock(fd, operation | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK && isatty(STDERR_FILENO))
		fprintf(stderr, "%s: waiting for another mm-archive on this archive\n",
			log_prog());
	return io_lock(fd, operation);
}

int
archive_holds_lock(const char *archive_dir, bool exclusive)
{
	char *folder = xasprintf("%s/" ARCHIVE_HOLDS, archive_dir);
	char *path = xasprintf("%s/lock", folder);
	int fd = -1;
	if ((io_make_folder(folder, 0750) == 0 ? io_sync_parent(folder) < 0
					       : errno != EEXIST) ||
		(fd = io_make(path, O_RDWR, 0640)) < 0 ||
		take(fd, exclusive ? LOCK_EX : LOCK_SH) < 0) {
		log_error("cannot lock %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(path);
	free(folder);
	return fd;
}
