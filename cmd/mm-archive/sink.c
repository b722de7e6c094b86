#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "log.h"
#include "mem.h"
#include "sink.h"

static const char *const names[] = {
	"", "mbox", "maildir", "eml", "tar", "tar.gz", "tar.zst", "zip"};
#define KINDS (sizeof(names) / sizeof(names[0]))

enum sink_kind
sink_named(const char *name)
{
	for (size_t i = 1; i < KINDS; i++)
		if (strcmp(names[i], name) == 0)
			return (enum sink_kind)i;
	return SINK_NONE;
}

enum sink_kind
sink_by_ending(const char *path)
{
	struct str s = str_of(path);
	for (size_t i = KINDS - 1; i > 0; i--) {
		struct str ending = str_of(names[i]);
		if (i != SINK_EML && i != SINK_MAILDIR && str_iends(s, ending) &&
			s.n > ending.n && s.p[s.n - ending.n - 1] == '.')
			return (enum sink_kind)i;
	}
	return SINK_NONE;
}

bool
sink_takes_metadata(enum sink_kind kind)
{
	return kind != SINK_MBOX && kind != SINK_MAILDIR;
}

int
sink_failed(const struct sink *s)
{
	log_error("cannot write %s: %s", s->path, strerror(errno));
	return -1;
}

int
sink_flush(struct sink *s)
{
	int rc = io_write_all(s->fd, s->out.p, s->out.n);
	buf_reset(&s->out);
	return rc < 0 ? sink_failed(s) : 0;
}

static int
open_directory(struct sink *s)
{
	struct stat st;
	if (lstat(s->path, &st) == 0)
		errno = EEXIST;
	else if (mkdir(s->temporary, 0700) == 0)
		s->fd = open(s->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->fd < 0 ? sink_failed(s) : 0;
}

static int
open_file(struct sink *s)
{
	s->fd = open(s->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	return s->fd < 0 ? sink_failed(s) : 0;
}

int
sink_open(struct sink *s, enum sink_kind kind, const char *path)
{
	*s = (struct sink){.kind = kind, .path = path, .fd = -1};
	s->ops = kind == SINK_MBOX                          ? &sink_mbox
		 : kind == SINK_MAILDIR || kind == SINK_EML ? &sink_folder
							    : &sink_packed;
	if (strcmp(path, "-") == 0 && s->ops->directory) {
		log_error("a directory cannot be written to standard output");
		return -1;
	}
	if (strcmp(path, "-") == 0) {
		s->path = "standard output";
		s->fd = STDOUT_FILENO;
		return s->ops->open(s);
	}
	struct str name = str_of(path);
	while (name.n > 1 && name.p[name.n - 1] == '/')
		name.n--;
	s->temporary = xasprintf("%.*s.%ld.part", STR_ARG(name), (long)getpid());
	int rc = s->ops->directory ? open_directory(s) : open_file(s);
	return rc < 0 ? rc : s->ops->open(s);
}

int
sink_put(struct sink *s, const struct message_out *m)
{
	return s->ops->put(s, m);
}

int
sink_finish(struct sink *s)
{
	if (s->ops->end(s) < 0)
		return -1;
	if (!s->temporary)
		return 0;
	if ((s->ops->directory ? syncfs(s->fd) : fsync(s->fd)) < 0 ||
		rename(s->temporary, s->path) < 0)
		return sink_failed(s);
	free(s->temporary);
	s->temporary = NULL;
	return io_sync_parent(s->path) < 0 ? sink_failed(s) : 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	(void)remove(path);
	return 0;
}

void
sink_close(struct sink *s)
{
	archive_write_free(s->packed);
	if (s->fd >= 0 && s->fd != STDOUT_FILENO)
		close(s->fd);
	if (s->temporary && s->fd >= 0)
		(void)nftw(s->temporary, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(s->temporary);
	buf_release(&s->out);
	*s = (struct sink){.fd = -1};
}
