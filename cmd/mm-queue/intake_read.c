#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "intake_read.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "stream.h"

#define CHUNK 262144
#define KEEP_BELOW ((off_t)1 << 20) /* larger files are removed, not emptied */

static int
wanted(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

char **
intake_names(const char *dir)
{
	struct dirent **list = NULL;
	char *path = intake_path(dir, NULL);
	int n = scandir(path, &list, wanted, alphasort);
	free(path);
	if (n < 0 && errno != ENOENT)
		return NULL;
	n = n < 0 ? 0 : n;
	char **names = xcalloc((size_t)n + 1, sizeof(*names));
	for (int i = 0; i < n; i++) {
		names[i] = xstrdup(list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return names;
}

void
intake_names_free(char **names)
{
	for (char **n = names; n && *n; n++)
		free(*n);
	free(names);
}

int
intake_source_open(struct intake_source *in, const char *dir, const char *name)
{
	struct stat st;
	char *path = intake_path(dir, name);
	in->fd = open(path, O_RDWR | O_CLOEXEC);
	free(path);
	if (in->fd < 0)
		return -1;
	in->ours = flock(in->fd, LOCK_EX | LOCK_NB) == 0;
	if (fstat(in->fd, &st) == 0 && intake_read_header(in->fd, &in->header) == 0) {
		in->size = st.st_size;
		if (st.st_nlink > 0)
			return 0;
		errno = ENOENT;
	}
	int saved = errno;
	close(in->fd);
	errno = saved;
	return -1;
}

void
intake_source_close(struct intake_source *in)
{
	close(in->fd);
	in->fd = -1;
}

static int
give_records(struct stream_reader *r, off_t start, intake_each *each, void *arg)
{
	struct record *rec;
	int rc;
	while ((rc = stream_next(r, &rec)) > 0) {
		off_t end = start + (off_t)(r->offset + r->at);
		int given = each(arg, &rec, end - (off_t)rec->body->n);
		record_free(rec);
		if (given < 0)
			return -1;
	}
	if (rc < 0)
		errno = r->local_fault ? errno : EBADMSG;
	return rc;
}

int
intake_source_each(const struct intake_source *in, off_t at, const struct intake_frame *f,
	intake_each *each, void *arg)
{
	static char chunk[CHUNK];
	struct stream_reader r = {0};
	off_t start = at + INTAKE_FRAME_SIZE;
	int rc = 0;
	for (uint64_t done = 0; rc == 0 && done < f->length;) {
		size_t n = f->length - done < CHUNK ? (size_t)(f->length - done) : CHUNK;
		ssize_t got = pread(in->fd, chunk, n, start + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got < 0 ? errno : EBADMSG;
			rc = -1;
			break;
		}
		stream_feed(&r, chunk, (size_t)got);
		rc = give_records(&r, start, each, arg);
		done += (uint64_t)got;
	}
	int saved = errno;
	stream_reader_release(&r);
	errno = saved;
	return rc;
}

static int
empty_file(struct intake_source *in)
{
	in->header.end = in->size = INTAKE_HEADER_SIZE;
	if (getrandom(&in->header.salt, sizeof(in->header.salt), 0) < 0 ||
		intake_write_header(in->fd, &in->header) < 0 || ftruncate(in->fd, in->size) < 0)
		return -1;
	return fdatasync(in->fd);
}

int
intake_source_discard(struct intake_source *in, const char *dir, const char *name)
{
	if (in->size < KEEP_BELOW && in->header.end == in->size)
		return empty_file(in);
	char *path = intake_path(dir, name);
	int rc = unlink(path) < 0 || io_sync_parent(path) < 0 ? -1 : 1;
	free(path);
	return rc;
}

void
intake_trim(const char *dir, size_t keep)
{
	char **names = intake_names(dir);
	size_t kept = 0;
	for (char **n = names; n && *n; n++) {
		struct intake_source in;
		if (intake_source_open(&in, dir, *n) < 0)
			continue;
		char *path = intake_path(dir, *n);
		if (in.ours && in.size <= INTAKE_HEADER_SIZE && ++kept > keep)
			(void)unlink(path);
		free(path);
		intake_source_close(&in);
	}
	intake_names_free(names);
}
