#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "source_metadata.h"
#include "source_reading.h"

static struct str
maildir_flags(const char *path)
{
	const char *info = strrchr(path, ':');
	return info && strncmp(info, ":2,", 3) == 0 ? str_of(info + 3) : STR_NONE;
}

static ssize_t
read_some(int fd, char *p, size_t size)
{
	size_t n = 0;
	while (n < size) {
		ssize_t got = read(fd, p + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

/* -1 with errno set. */
static int
read_plain(struct reading *r, int fd, char *chunk, size_t have)
{
	ssize_t n = (ssize_t)have;
	for (; n > 0 && !*r->source->stop; n = read_some(fd, chunk, SOURCE_CHUNK))
		mbox_feed(&r->mbox, chunk, (size_t)n);
	if (n == 0)
		mbox_end(&r->mbox);
	return n < 0 ? -1 : 0;
}

static int
find_metadata(struct reading *r)
{
	struct source *s = r->source;
	if (!s->metadata || strcmp(r->found.path, "-") == 0)
		return 0;
	return source_metadata_beside(s->metadata, r->found.path, &r->found.metadata);
}

static int
read_opened(struct source *s, const char *path, bool maildir, int fd)
{
	struct reading r;
	struct stat st;
	char *chunk = xmalloc(SOURCE_CHUNK);
	ssize_t n = read_some(fd, chunk, SOURCE_CHUNK);
	int rc = n < 0 ? -1 : 0;
	if (n > 0 && !maildir && s->kind != MBOX_NO &&
		source_is_packed(str_n(chunk, (size_t)n))) {
		source_packed(s, path, fd, str_n(chunk, (size_t)n));
	} else if (rc == 0) {
		reading_start(&r, s, path, str_of(path));
		if (maildir) {
			r.mbox.kind = MBOX_NO;
			r.mail = true;
			r.found.flags = maildir_flags(path);
		}
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
			r.found.mtime = (int64_t)st.st_mtime * 1000;
		rc = find_metadata(&r);
		if (rc >= 0)
			rc = read_plain(&r, fd, chunk, (size_t)n);
		mbox_release(&r.mbox);
	}
	free(chunk);
	return rc;
}

void
source_file(struct source *s, const char *path, bool maildir)
{
	bool standard = strcmp(path, "-") == 0;
	if (!maildir && source_holds_no_mail(str_of(path))) {
		s->passed_over++;
		return;
	}
	int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || read_opened(s, path, maildir, fd) < 0) {
		s->unreadable++;
		s->bad(s->ctx, path, 0, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
}
