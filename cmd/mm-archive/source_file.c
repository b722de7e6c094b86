#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "source.h"
#include "stream.h"

#define CHUNK (256u << 10)
#define TAR_MAGIC_AT 257

struct reading {
	struct source *source;
	struct found found;
	struct mbox mbox;
};

static void
on_message(void *ctx, struct str octets, uint64_t at, int64_t from_ms)
{
	struct reading *r = ctx;
	r->found.octets = octets;
	r->found.at = at;
	r->found.from_ms = from_ms;
	if (!octets.p)
		r->source->bad(r->source->ctx, r->found.path, at, "the message is too large");
	else if (!*r->source->stop)
		r->source->message(r->source->ctx, &r->found);
}

/* mail.mbox.gz is an mbox, too. */
static struct str
without_packing(struct str name)
{
	static const char *const endings[] = {".gz", ".bz2", ".xz", ".zst", ".lz4"};
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_iends(name, str_of(endings[i])))
			name.n -= strlen(endings[i]);
	return name;
}

static enum mbox_kind
kind_by_name(const struct source *s, struct str name)
{
	if (s->kind != MBOX_GUESS)
		return s->kind;
	name = without_packing(name);
	if (str_iends(name, STR("mbox")) || str_iends(name, STR(".mbx")))
		return MBOX_YES;
	return str_iends(name, STR(".eml")) ? MBOX_NO : MBOX_GUESS;
}

static bool
holds_no_mail(const struct source *s, struct str name)
{
	return s->kind == MBOX_GUESS &&
	       (str_iends(name, STR(".json")) || str_iends(name, STR(".jsonl")));
}

static void
reading_start(struct reading *r, struct source *s, const char *path, struct str name)
{
	*r = (struct reading){.source = s,
		.found.path = path,
		.mbox = {.message = on_message,
			.ctx = r,
			.kind = kind_by_name(s, name),
			.limit = STREAM_MAX_BODY}};
}

static bool
is_packed(struct str s)
{
	static const struct str magics[] = {{"PK\3\4", 4}, {"\x1f\x8b", 2}, {"BZh", 3},
		{"\xfd\x37zXZ", 5}, {"\x28\xb5\x2f\xfd", 4}, {"\x04\x22\x4d\x18", 4},
		{"7z\xbc\xaf", 4}};
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (str_starts(s, magics[i]))
			return true;
	return s.n > TAR_MAGIC_AT + 5 && memcmp(s.p + TAR_MAGIC_AT, "ustar", 5) == 0;
}

static int
read_entry(struct archive *in, struct reading *r)
{
	const void *p;
	size_t n;
	la_int64_t at;
	int rc;
	while ((rc = archive_read_data_block(in, &p, &n, &at)) == ARCHIVE_OK &&
		!*r->source->stop)
		mbox_feed(&r->mbox, p, n);
	if (rc == ARCHIVE_EOF)
		mbox_end(&r->mbox);
	return rc == ARCHIVE_EOF || *r->source->stop ? 0 : -1;
}

static int
take_entry(struct source *s, struct archive *in, struct archive_entry *e, const char *path)
{
	const char *name = archive_entry_pathname(e);
	bool raw = archive_format(in) == ARCHIVE_FORMAT_RAW;
	struct reading r;
	if (!raw && archive_entry_filetype(e) != AE_IFREG)
		return 0;
	if (holds_no_mail(s, str_of(raw || !name ? path : name))) {
		s->passed_over++;
		return 0;
	}
	char *whole = raw ? xstrdup(path) : xasprintf("%s: %s", path, name ? name : "?");
	reading_start(&r, s, whole, str_of(whole));
	if (archive_entry_mtime_is_set(e))
		r.found.mtime = (int64_t)archive_entry_mtime(e) * 1000;
	int rc = read_entry(in, &r);
	mbox_release(&r.mbox);
	free(whole);
	return rc;
}

/* What was read of a pipe to see what it is comes first again. */
struct pipe_input {
	int fd;
	struct str head;
	char *chunk;
};

static la_ssize_t
read_pipe(struct archive *in, void *arg, const void **p)
{
	struct pipe_input *i = arg;
	struct str head = i->head;
	ssize_t n = 0;
	i->head = STR_NONE;
	*p = head.n ? head.p : i->chunk;
	if (head.n)
		return (la_ssize_t)head.n;
	do
		n = read(i->fd, i->chunk, CHUNK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		archive_set_error(in, errno, "%s", strerror(errno));
	return n;
}

static int
open_packed(struct archive *in, struct pipe_input *i)
{
	archive_read_support_filter_all(in);
	archive_read_support_format_tar(in);
	archive_read_support_format_zip(in);
	archive_read_support_format_7zip(in);
	archive_read_support_format_raw(in);
	return lseek(i->fd, 0, SEEK_SET) == 0 ? archive_read_open_fd(in, i->fd, CHUNK)
					      : archive_read_open(in, i, NULL, read_pipe, NULL);
}

static int
read_entries(struct source *s, struct archive *in, const char *path)
{
	struct archive_entry *e;
	int rc;
	while (!*s->stop) {
		rc = archive_read_next_header(in, &e);
		if (rc == ARCHIVE_EOF)
			return 0;
		if (rc < ARCHIVE_WARN || take_entry(s, in, e, path) < 0)
			return -1;
	}
	return 0;
}

static void
read_packed(struct source *s, const char *path, int fd, struct str head)
{
	struct archive *in = archive_read_new();
	struct pipe_input input = {fd, head, xmalloc(CHUNK)};
	if (!in || open_packed(in, &input) != ARCHIVE_OK || read_entries(s, in, path) < 0) {
		const char *why = in ? archive_error_string(in) : NULL;
		s->unreadable++;
		s->bad(s->ctx, path, in ? (uint64_t)archive_filter_bytes(in, -1) : 0,
			why ? why : "it cannot be unpacked");
	}
	archive_read_free(in);
	free(input.chunk);
}

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
	for (; n > 0 && !*r->source->stop; n = read_some(fd, chunk, CHUNK))
		mbox_feed(&r->mbox, chunk, (size_t)n);
	if (n == 0)
		mbox_end(&r->mbox);
	return n < 0 ? -1 : 0;
}

static int
read_opened(struct source *s, const char *path, bool maildir, int fd)
{
	struct reading r;
	struct stat st;
	char *chunk = xmalloc(CHUNK);
	ssize_t n = read_some(fd, chunk, CHUNK);
	int rc = n < 0 ? -1 : 0;
	if (n > 0 && !maildir && s->kind != MBOX_NO && is_packed(str_n(chunk, (size_t)n))) {
		read_packed(s, path, fd, str_n(chunk, (size_t)n));
	} else if (rc == 0) {
		reading_start(&r, s, path, str_of(path));
		if (maildir) {
			r.mbox.kind = MBOX_NO;
			r.found.flags = maildir_flags(path);
		}
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
			r.found.mtime = (int64_t)st.st_mtime * 1000;
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
	if (!maildir && holds_no_mail(s, str_of(path))) {
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
