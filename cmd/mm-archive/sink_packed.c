#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "log.h"
#include "mem.h"
#include "sink.h"

static int
failed(struct sink *s)
{
	const char *why = s->packed ? archive_error_string(s->packed) : NULL;
	log_error("cannot write %s: %s", s->path, why ? why : "no memory");
	return -1;
}

/* Never fails: after a failed write libarchive does not free all it has. */
static la_ssize_t
collect(struct archive *packed, void *arg, const void *p, size_t n)
{
	(void)packed;
	buf_add(&((struct sink *)arg)->out, p, n);
	return (la_ssize_t)n;
}

static int
start(struct sink *s)
{
	s->packed = archive_write_new();
	if (!s->packed)
		return failed(s);
	int rc = s->kind == SINK_ZIP ? archive_write_set_format_zip(s->packed)
				     : archive_write_set_format_pax_restricted(s->packed);
	if (rc == ARCHIVE_OK && s->kind == SINK_TAR_GZ)
		rc = archive_write_add_filter_gzip(s->packed);
	if (rc == ARCHIVE_OK && s->kind == SINK_TAR_ZST)
		rc = archive_write_add_filter_zstd(s->packed);
	if (rc == ARCHIVE_OK)
		rc = archive_write_set_bytes_per_block(s->packed, 0);
	if (rc == ARCHIVE_OK)
		rc = archive_write_open(s->packed, s, NULL, collect, NULL);
	return rc == ARCHIVE_OK ? 0 : failed(s);
}

static int
put_entry(struct sink *s, const struct message_out *m, const char *ending, struct str octets)
{
	struct archive_entry *e = archive_entry_new();
	char *name = xasprintf("%.*s%s", STR_ARG(m->id), ending);
	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0640);
	archive_entry_set_size(e, (la_int64_t)octets.n);
	archive_entry_set_mtime(e, (time_t)(m->received / 1000), 0);
	int rc = archive_write_header(s->packed, e);
	if (rc == ARCHIVE_OK &&
		archive_write_data(s->packed, octets.p, octets.n) != (la_ssize_t)octets.n)
		rc = ARCHIVE_FATAL;
	archive_entry_free(e);
	free(name);
	return rc == ARCHIVE_OK ? 0 : failed(s);
}

/* Metadata first, for who reads a pipe. */
static int
put(struct sink *s, const struct message_out *m)
{
	if ((m->metadata.p && put_entry(s, m, ".json", m->metadata) < 0) ||
		put_entry(s, m, ".eml", m->octets) < 0)
		return -1;
	return s->out.n < SINK_FLUSH ? 0 : sink_flush(s);
}

static int
end(struct sink *s)
{
	return archive_write_close(s->packed) == ARCHIVE_OK ? sink_flush(s) : failed(s);
}

const struct sink_ops sink_packed = {.open = start, .put = put, .end = end};
