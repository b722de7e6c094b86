#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "mem.h"
#include "num.h"
#include "stream.h"
#include "utf8.h"

#define READ_SIZE 262144
#define IOV_BATCH 1024
#define IOV_PER_RECORD 4

static int
malformed(struct stream_reader *r, size_t at, const char *fmt, ...)
{
	va_list ap;
	int n = snprintf(r->error, sizeof(r->error),
		"byte %llu: ", (unsigned long long)(r->offset + at));
	va_start(ap, fmt);
	(void)vsnprintf(r->error + n, sizeof(r->error) - (size_t)n, fmt, ap);
	va_end(ap);
	r->broken = true;
	return -1;
}

static int
spool_failed(struct stream_reader *r)
{
	r->local_fault = true;
	return malformed(r, r->at, "cannot spool the message: %s", strerror(errno));
}

static void
drop_consumed(struct stream_reader *r)
{
	buf_consume(&r->in, r->at);
	r->offset += r->at;
	r->at = 0;
}

ssize_t
stream_fill(struct stream_reader *r, int fd)
{
	ssize_t got;
	drop_consumed(r);
	buf_reserve(&r->in, READ_SIZE);
	do
		got = read(fd, r->in.p + r->in.n, READ_SIZE);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		r->in.n += (size_t)got;
	return got;
}

void
stream_feed(struct stream_reader *r, const void *p, size_t n)
{
	drop_consumed(r);
	buf_add(&r->in, p, n);
}

bool
stream_pending(const struct stream_reader *r)
{
	return r->in.n > r->at;
}

/* "mail 1 4711": a number without leading zeros, so that one record has one
 * spelling. */
static int
parse_first_line(struct stream_reader *r, struct str line)
{
	static const struct str prefix = STR("mail 1 ");
	for (size_t i = 0; i < prefix.n; i++)
		if (i >= line.n || line.p[i] != prefix.p[i])
			return malformed(r, r->at + i, "expected \"mail 1 LENGTH\"%s",
				r->offset + r->at == 0
					? "; a bare message is an operand: FILE or -"
					: "");
	struct str number = str_skip(line, prefix.n);
	if (num_u64(number, 0, STREAM_MAX_BODY, &r->body_left) < 0 ||
		(number.n > 1 && number.p[0] == '0'))
		return malformed(r, r->at + prefix.n, "expected a body length of 0 to %llu",
			STREAM_MAX_BODY);
	r->rec = record_new();
	return 0;
}

static size_t
field_name_length(struct str line)
{
	size_t n = 0;
	while (n < line.n && ((line.p[n] >= 'a' && line.p[n] <= 'z') ||
				     (n > 0 && ((line.p[n] >= '0' && line.p[n] <= '9') ||
						       line.p[n] == '-'))))
		n++;
	return n;
}

static int
parse_field_line(struct stream_reader *r, struct str line)
{
	size_t name_len = field_name_length(line);
	if (name_len == 0 || name_len > STREAM_MAX_NAME)
		return malformed(r, r->at, "expected a field name of 1 to %d of a-z 0-9 -",
			STREAM_MAX_NAME);
	if (name_len + 1 >= line.n || line.p[name_len] != ':' || line.p[name_len + 1] != ' ')
		return malformed(r, r->at + name_len, "expected \": \" after the field name");
	struct str value = str_skip(line, name_len + 2);
	size_t bad = utf8_text_length(value);
	if (bad < value.n)
		return malformed(r, r->at + name_len + 2 + bad,
			"expected UTF-8 without control characters");
	if (r->rec->head.n + line.n > STREAM_MAX_HEAD)
		return malformed(r, r->at, "expected fields of at most %u octets in all",
			STREAM_MAX_HEAD);
	record_adopt_line(r->rec, line, name_len);
	return 0;
}

static int
parse_line(struct stream_reader *r, struct str line)
{
	if (!r->rec)
		return parse_first_line(r, line);
	if (line.n > 0)
		return parse_field_line(r, line);
	r->in_body = true;
	if (blob_build_start(&r->body, (size_t)r->body_left) < 0)
		return spool_failed(r);
	return 0;
}

/* 1 after a line, 0 if it is not all there, -1 malformed. */
static int
take_line(struct stream_reader *r)
{
	struct str rest = str_skip(buf_str(&r->in), r->at);
	const char *lf = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;
	size_t len = lf ? (size_t)(lf - rest.p) : rest.n;
	if (len > STREAM_MAX_LINE)
		return malformed(r, r->at + STREAM_MAX_LINE,
			"expected a line of at most %d octets", STREAM_MAX_LINE);
	if (!lf)
		return 0;
	if (parse_line(r, str_n(rest.p, len)) < 0)
		return -1;
	r->at += len + 1;
	return 1;
}

static int
take_body(struct stream_reader *r)
{
	struct str rest = str_skip(buf_str(&r->in), r->at);
	size_t n = rest.n < r->body_left ? rest.n : (size_t)r->body_left;
	if (blob_build_add(&r->body, rest.p, n) < 0)
		return spool_failed(r);
	r->at += n;
	r->body_left -= n;
	if (r->body_left > 0)
		return 0;
	struct blob *body;
	if (blob_build_finish(&r->body, &body) < 0)
		return spool_failed(r);
	record_set_body(r->rec, body);
	r->in_body = false;
	return 1;
}

int
stream_next(struct stream_reader *r, struct record **out)
{
	if (r->broken)
		return -1;
	while (!r->in_body) {
		int rc = take_line(r);
		if (rc <= 0)
			return rc;
	}
	int rc = take_body(r);
	if (rc <= 0)
		return rc;
	*out = r->rec;
	r->rec = NULL;
	return 1;
}

int
stream_end(struct stream_reader *r)
{
	if (r->broken)
		return -1;
	if (r->rec || stream_pending(r))
		return malformed(r, r->in.n, "the stream ends inside a record");
	return 0;
}

void
stream_reader_release(struct stream_reader *r)
{
	record_free(r->rec);
	if (r->in_body)
		blob_build_abandon(&r->body);
	buf_release(&r->in);
	*r = (struct stream_reader){0};
}

/* "mail 1 LENGTH"; most records that are asked about have none. */
static size_t
first_line(char *out, size_t size, size_t length)
{
	static const char envelope[] = "mail 1 0\n";
	if (length > 0)
		return (size_t)snprintf(out, size, "mail 1 %zu\n", length);
	memcpy(out, envelope, sizeof(envelope));
	return sizeof(envelope) - 1;
}

void
stream_push(struct stream_writer *w, struct record *rec)
{
	if (w->first > 0 && w->first + w->count == w->cap) {
		memmove(w->slots, w->slots + w->first, w->count * sizeof(*w->slots));
		w->first = 0;
	}
	w->slots = xgrow(w->slots, &w->cap, w->first + w->count + 1, sizeof(*w->slots));
	struct stream_slot *s = &w->slots[w->first + w->count++];
	s->rec = rec;
	s->first_len = first_line(s->first_line, sizeof(s->first_line), rec->body->n);
	w->pending += s->first_len + rec->head.n + 1 + rec->body->n;
}

static int
add_iov(struct iovec *iov, int n, const char *p, size_t len, size_t *skip)
{
	if (*skip >= len) {
		*skip -= len;
		return n;
	}
	iov[n].iov_base = (void *)(p + *skip);
	iov[n].iov_len = len - *skip;
	*skip = 0;
	return n + 1;
}

static int
gather(const struct stream_writer *w, struct iovec *iov)
{
	size_t skip = w->sent;
	int n = 0;
	for (size_t i = 0; i < w->count && n + IOV_PER_RECORD <= IOV_BATCH; i++) {
		const struct stream_slot *s = &w->slots[w->first + i];
		n = add_iov(iov, n, s->first_line, s->first_len, &skip);
		n = add_iov(iov, n, s->rec->head.p, s->rec->head.n, &skip);
		n = add_iov(iov, n, "\n", 1, &skip);
		n = add_iov(iov, n, s->rec->body->p, s->rec->body->n, &skip);
	}
	return n;
}

static void
mark_sent(struct stream_writer *w, size_t n)
{
	w->pending -= n;
	w->sent += n;
	while (w->count > 0) {
		struct stream_slot *s = &w->slots[w->first];
		size_t size = s->first_len + s->rec->head.n + 1 + s->rec->body->n;
		if (w->sent < size)
			return;
		w->sent -= size;
		record_free(s->rec);
		w->first++;
		w->count--;
	}
	w->first = 0;
}

int
stream_flush(struct stream_writer *w, int fd)
{
	struct iovec iov[IOV_BATCH];
	while (w->pending > 0) {
		ssize_t put = writev(fd, iov, gather(w, iov));
		if (put >= 0)
			mark_sent(w, (size_t)put);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 1;
		else if (errno != EINTR)
			return -1;
	}
	return 0;
}

void
stream_writer_release(struct stream_writer *w)
{
	for (size_t i = 0; i < w->count; i++)
		record_free(w->slots[w->first + i].rec);
	free(w->slots);
	*w = (struct stream_writer){0};
}
