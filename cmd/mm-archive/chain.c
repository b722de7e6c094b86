#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain.h"
#include "clock.h"
#include "io.h"
#include "log.h"
#include "mem.h"

/* Of what is read at once; a line may be longer. */
#define PIECE (1u << 20)

static int
failed(const struct chain *c, const char *doing)
{
	log_error("cannot %s %s: %s", doing, c->path, strerror(errno));
	return -1;
}

/* 1; 0 when there is none and `make` is false; -1. */
static int
open_file(struct chain *c, bool make)
{
	c->fd = open(c->path, O_RDWR | O_APPEND | O_CLOEXEC);
	if (c->fd < 0 && errno == ENOENT && make) {
		c->fd = io_make(c->path, O_RDWR | O_APPEND, 0640);
		if (c->fd >= 0 && io_sync_parent(c->path) < 0)
			return failed(c, "make");
	}
	int error = errno;
	if (c->fd < 0 && (error == EACCES || error == EROFS)) {
		c->fd = open(c->path, O_RDONLY | O_CLOEXEC);
		errno = make ? error : errno;
	}
	if (c->fd < 0)
		return errno == ENOENT && !make ? 0 : failed(c, "open");
	return 1;
}

int
chain_open(struct chain *c, const struct mail_archive *a, bool make)
{
	*c = (struct chain){.archive = a, .path = xasprintf("%s/%s", a->dir, CHAIN_FILE)};
	chain_state_init(&c->state);
	int rc = open_file(c, make);
	return rc == 1 && chain_refresh(c) < 0 ? -1 : rc;
}

void
chain_close(struct chain *c)
{
	if (c->fd >= 0)
		close(c->fd);
	chain_state_release(&c->state);
	free(c->path);
	*c = (struct chain){.fd = -1};
}

static int
take_line(struct chain *c, struct str text)
{
	struct chain_line l;
	const char *why;
	int rc = chain_line_parse(&l, text, &why);
	if (rc == 0)
		rc = chain_state_take(&c->state, &l, &why);
	if (rc < 0)
		log_error("%s:%llu: %s", c->path, (unsigned long long)c->state.n + 1, why);
	chain_line_release(&l);
	return rc;
}

/* Takes the whole lines of b away. */
static int
take_lines(struct chain *c, struct buf *b)
{
	const char *end;
	size_t at = 0;
	int rc = 0;
	while (rc == 0 && at < b->n && (end = memchr(b->p + at, '\n', b->n - at))) {
		size_t n = (size_t)(end - b->p) - at;
		rc = take_line(c, str_n(b->p + at, n));
		if (rc == 0)
			at += n + 1;
	}
	c->end += at;
	buf_consume(b, at);
	return rc;
}

/* Reads on; *rest is what has no line end. */
static int
read_on(struct chain *c, struct buf *rest)
{
	int rc = 0;
	ssize_t n = 1;
	while (rc == 0 && n > 0) {
		buf_reserve(rest, PIECE);
		n = pread(c->fd, rest->p + rest->n, PIECE, (off_t)(c->end + rest->n));
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n < 0)
			return failed(c, "read");
		rest->n += (size_t)n;
		rc = take_lines(c, rest);
		if (rc == 0 && rest->n > CHAIN_LINE_MAX) {
			log_error("%s:%llu: expected a line end", c->path,
				(unsigned long long)c->state.n + 1);
			rc = -1;
		}
	}
	return rc;
}

int
chain_refresh(struct chain *c)
{
	struct buf rest = {0};
	if (c->fd < 0 && (!c->archive || open_file(c, false) < 0))
		return c->archive ? -1 : 0;
	int rc = c->fd < 0 ? 0 : read_on(c, &rest);
	buf_release(&rest);
	return rc;
}

static int
lock(struct chain *c, int operation)
{
	return io_lock(c->fd, operation) < 0 ? failed(c, "lock") : 0;
}

/* Is a whole line there, with another octet where its end should be? */
static bool
is_damaged(struct str rest)
{
	struct chain_line l;
	const char *why;
	bool whole = rest.n > 1 && chain_line_parse(&l, str_n(rest.p, rest.n - 1), &why) == 0;
	if (rest.n > 1)
		chain_line_release(&l);
	return whole;
}

static int
damaged_end(const struct chain *c)
{
	log_error("%s:%llu: expected a line end behind the Hash", c->path,
		(unsigned long long)c->state.n + 1);
	return -1;
}

int
chain_unfinished(struct chain *c, size_t *octets)
{
	struct buf rest = {0};
	if (lock(c, LOCK_SH) < 0)
		return -1;
	int rc = read_on(c, &rest);
	(void)lock(c, LOCK_UN);
	if (rc == 0 && is_damaged(buf_str(&rest)))
		rc = damaged_end(c);
	*octets = rest.n;
	buf_release(&rest);
	return rc;
}

/* A crash leaves the beginning of a line. */
static int
mend(struct chain *c, struct buf *rest)
{
	struct chain_line l;
	const char *why;
	if (rest->n == 0)
		return 0;
	bool whole = chain_line_parse(&l, buf_str(rest), &why) == 0;
	chain_line_release(&l);
	if (whole) {
		buf_addc(rest, '\n');
		return io_write_all(c->fd, "\n", 1) < 0 ? failed(c, "write")
							: take_lines(c, rest);
	}
	if (is_damaged(buf_str(rest)))
		return damaged_end(c);
	log_warn("%s:%llu: cutting off %zu octets of a line that was never finished", c->path,
		(unsigned long long)c->state.n + 1, rest->n);
	return ftruncate(c->fd, (off_t)c->end) < 0 ? failed(c, "cut") : 0;
}

static int
write_line(struct chain *c, struct chain_line *l)
{
	struct buf text = {0};
	const char *why;
	if (chain_line_write(l, &text) < 0) {
		log_error("%s:%llu: it would be a line of more than %u octets: %s tells of "
			  "too many entries%s",
			c->path, (unsigned long long)l->n, CHAIN_LINE_MAX, l->file,
			l->event == CHAIN_FORGET ? "; forget fewer messages at once" : "");
		return -1;
	}
	int rc = io_write_all(c->fd, text.p, text.n);
	if (rc == 0)
		rc = fsync(c->fd);
	if (rc < 0) {
		failed(c, "write");
		(void)!ftruncate(c->fd, (off_t)c->end);
	} else if ((rc = chain_state_take(&c->state, l, &why)) < 0) {
		log_error("%s: %s", c->path, why);
	} else {
		c->end += text.n;
	}
	buf_release(&text);
	return rc;
}

int
chain_append_filled(struct chain *c, struct chain_line *l, chain_fill *fill, void *arg)
{
	struct buf rest = {0};
	if (lock(c, LOCK_EX) < 0)
		return -1;
	int rc = read_on(c, &rest);
	if (rc == 0)
		rc = mend(c, &rest);
	if (rc == 0) {
		l->n = c->state.n + 1;
		l->time = clock_now_ms();
		l->previous = c->state.last;
		rc = fill ? fill(arg, c, l) : 1;
	}
	if (rc == 1)
		rc = write_line(c, l);
	(void)lock(c, LOCK_UN);
	buf_release(&rest);
	return rc;
}

int
chain_append(struct chain *c, struct chain_line *l)
{
	return chain_append_filled(c, l, NULL, NULL);
}
