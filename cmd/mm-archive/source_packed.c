#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "metadata.h"
#include "source_metadata.h"
#include "source_reading.h"

#define TAR_MAGIC_AT 257
#define METADATA_PIECE (16u << 10)

bool
source_is_packed(struct str s)
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

struct packed {
	struct source *source;
	const char *path;
	struct archive *in;
	bool only_metadata; /* of a first reading */
	bool keep_metadata;
};

/* One that is too large is told when its message comes. */
static int
keep_metadata(struct packed *p, const char *name)
{
	struct buf text = {0};
	la_ssize_t n = 1;
	while (n > 0 && text.n <= METADATA_MAX) {
		buf_reserve(&text, METADATA_PIECE);
		n = archive_read_data(p->in, text.p + text.n, METADATA_PIECE);
		text.n += n > 0 ? (size_t)n : 0;
	}
	int rc =
		n < 0 ? -1
		      : source_metadata_keep(p->source->metadata, str_of(name), buf_str(&text));
	buf_release(&text);
	return rc;
}

static int
take_message(struct packed *p, struct archive_entry *e, const char *name)
{
	struct reading r;
	struct str metadata = STR_NONE;
	char *whole = name ? xasprintf("%s: %s", p->path, name) : xstrdup(p->path);
	int rc = name && p->source->metadata
			 ? source_metadata_of(p->source->metadata, str_of(name), &metadata)
			 : 0;
	reading_start(&r, p->source, whole, str_of(whole));
	r.found.metadata = metadata;
	if (archive_entry_mtime_is_set(e))
		r.found.mtime = (int64_t)archive_entry_mtime(e) * 1000;
	if (rc >= 0)
		rc = read_entry(p->in, &r);
	mbox_release(&r.mbox);
	free(whole);
	return rc < 0 ? -1 : 0;
}

static int
take_entry(struct packed *p, struct archive_entry *e)
{
	const char *name = archive_entry_pathname(e);
	bool raw = archive_format(p->in) == ARCHIVE_FORMAT_RAW;
	if (!raw && archive_entry_filetype(e) != AE_IFREG)
		return 0;
	if (raw || !name)
		name = raw ? NULL : "?";
	if (name && p->keep_metadata && source_metadata_name(str_of(name)) &&
		keep_metadata(p, name) < 0)
		return -1;
	if (p->only_metadata)
		return 0;
	if (source_holds_no_mail(str_of(name ? name : p->path))) {
		p->source->passed_over++;
		return 0;
	}
	return take_message(p, e, name);
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
		n = read(i->fd, i->chunk, SOURCE_CHUNK);
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
	return lseek(i->fd, 0, SEEK_SET) == 0 ? archive_read_open_fd(in, i->fd, SOURCE_CHUNK)
					      : archive_read_open(in, i, NULL, read_pipe, NULL);
}

static int
read_entries(struct packed *p)
{
	struct archive_entry *e;
	int rc;
	while (!*p->source->stop) {
		rc = archive_read_next_header(p->in, &e);
		if (rc == ARCHIVE_EOF)
			return 0;
		if (rc < ARCHIVE_WARN || take_entry(p, e) < 0)
			return -1;
	}
	return 0;
}

static int
read_through(struct packed *p, struct pipe_input input)
{
	p->in = archive_read_new();
	input.chunk = xmalloc(SOURCE_CHUNK);
	int rc = p->in && open_packed(p->in, &input) == ARCHIVE_OK ? read_entries(p) : -1;
	if (rc < 0) {
		const char *why = p->in ? archive_error_string(p->in) : NULL;
		p->source->unreadable++;
		p->source->bad(p->source->ctx, p->path,
			p->in ? (uint64_t)archive_filter_bytes(p->in, -1) : 0,
			why ? why : "it cannot be unpacked");
	}
	archive_read_free(p->in);
	free(input.chunk);
	return rc;
}

/* Metadata may stand behind its message: what can be read twice is.  Of a file whose metadata
 * cannot all be had, nothing is taken. */
void
source_packed(struct source *s, const char *path, int fd, struct str head)
{
	struct packed p = {.source = s, .path = path, .keep_metadata = s->metadata != NULL};
	if (s->metadata && source_metadata_forget(s->metadata) < 0) {
		s->unreadable++;
		return;
	}
	if (s->metadata && lseek(fd, 0, SEEK_CUR) >= 0) {
		p.only_metadata = true;
		if (read_through(&p, (struct pipe_input){.fd = fd}) < 0)
			return;
		p.only_metadata = p.keep_metadata = false;
	}
	(void)read_through(&p, (struct pipe_input){.fd = fd, .head = head});
}
