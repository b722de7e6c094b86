#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "maildir.h"
#include "mem.h"
#include "ulid.h"

struct item {
	char *tmp, *new;
	int fd;    /* of the file in tmp; -1 when it could not be written */
	int error; /* errno */
	maildir_done *done;
	void *arg;
};

struct maildir_batch {
	struct item *items;
	size_t n, cap;
	char host[65];
};

struct maildir_batch *
maildir_batch_new(void)
{
	struct maildir_batch *b = xcalloc(1, sizeof(*b));
	if (gethostname(b->host, sizeof(b->host) - 1) < 0 || !*b->host)
		(void)snprintf(b->host, sizeof(b->host), "localhost");
	for (char *c = b->host; *c; c++)
		if (*c == '/' || *c == ':')
			*c = '_';
	return b;
}

void
maildir_batch_free(struct maildir_batch *b)
{
	free(b->items);
	free(b);
}

/* One component of a path: no way up, no hidden folder, nothing odd. */
static int
add_component(struct buf *out, struct str s)
{
	if (s.n == 0 || s.p[0] == '.')
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '/' || (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return -1;
		buf_addc(out, ascii_lower(s.p[i]));
	}
	return 0;
}

int
maildir_path(const char *pattern, const struct path *rcpt, struct buf *out)
{
	for (struct str rest = str_of(pattern); rest.n;) {
		int rc = 0;
		if (str_starts(rest, STR("{local}"))) {
			rc = add_component(out, rcpt->local);
			rest = str_skip(rest, 7);
		} else if (str_starts(rest, STR("{domain}"))) {
			rc = add_component(out, rcpt->domain);
			rest = str_skip(rest, 8);
		} else {
			buf_addc(out, *rest.p);
			rest = str_skip(rest, 1);
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
make_directory(const char *path)
{
	char *copy = xstrdup(path);
	int rc = 0;
	for (char *p = copy + 1; rc == 0 && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		rc = mkdir(copy, 0700) < 0 && errno != EEXIST ? -1 : 0;
		*p = '/';
	}
	if (rc == 0 && mkdir(copy, 0700) < 0 && errno != EEXIST)
		rc = -1;
	int err = errno;
	free(copy);
	errno = err;
	return rc;
}

static int
make_maildir(const char *dir)
{
	static const char *const parts[] = {"tmp", "new", "cur"};
	int rc = 0;
	for (int i = 0; rc == 0 && i < 3; i++) {
		char *path = xasprintf("%s/%s", dir, parts[i]);
		rc = make_directory(path);
		int err = errno;
		free(path);
		errno = err;
	}
	return rc;
}

static void
add_unix_lines(struct buf *out, struct str s)
{
	while (s.n) {
		const char *lf = memchr(s.p, '\n', s.n);
		size_t n = lf ? (size_t)(lf - s.p) : s.n;
		buf_add(out, s.p, n > 0 && lf && s.p[n - 1] == '\r' ? n - 1 : n);
		buf_addc(out, '\n');
		s = str_skip(s, n + 1);
	}
}

static int
write_message(struct item *it, struct str return_path, struct str to, struct str message)
{
	struct buf b = {0};
	it->fd = open(it->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (it->fd < 0)
		return -1;
	buf_reserve(&b, message.n + return_path.n + to.n + 64);
	buf_addf(&b, "Return-Path: %.*s\nDelivered-To: %.*s\n", STR_ARG(return_path),
		STR_ARG(to));
	add_unix_lines(&b, message);
	int rc = io_write_all(it->fd, b.p, b.n);
	int err = errno;
	buf_release(&b);
	errno = err;
	return rc;
}

void
maildir_add(struct maildir_batch *b, const char *dir, struct str return_path,
	struct str delivered_to, struct str message, maildir_done *done, void *arg)
{
	char unique[ULID_SIZE];
	int64_t now = clock_now_ms();
	b->items = xgrow(b->items, &b->cap, b->n + 1, sizeof(*b->items));
	struct item *it = &b->items[b->n++];
	ulid_new(now, unique);
	*it = (struct item){.fd = -1, .done = done, .arg = arg};
	it->tmp = xasprintf("%s/tmp/%lld.%s.%s", dir, (long long)(now / 1000), unique, b->host);
	it->new = xasprintf("%s/new/%lld.%s.%s", dir, (long long)(now / 1000), unique, b->host);
	if (make_maildir(dir) < 0 || write_message(it, return_path, delivered_to, message) < 0)
		it->error = errno;
}

/* First every fsync, so that they share the journal's commits, then renames. */
static void
make_durable(struct maildir_batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (!b->items[i].error && fsync(b->items[i].fd) < 0)
			b->items[i].error = errno;
	for (size_t i = 0; i < b->n; i++) {
		struct item *it = &b->items[i];
		if (it->fd >= 0)
			close(it->fd);
		if (!it->error && rename(it->tmp, it->new) < 0)
			it->error = errno;
		if (it->error)
			(void)unlink(it->tmp);
	}
	for (size_t i = 0; i < b->n; i++)
		if (!b->items[i].error && io_sync_parent(b->items[i].new) < 0)
			b->items[i].error = errno;
}

void
maildir_commit(struct maildir_batch *b)
{
	make_durable(b);
	for (size_t i = 0; i < b->n; i++) {
		struct item *it = &b->items[i];
		if (it->error) {
			char *reply = xasprintf(
				"451 4.3.0 cannot write the mailbox: %s", strerror(it->error));
			it->done(it->arg, STATUS_TEMPFAIL, reply);
			free(reply);
		} else {
			it->done(it->arg, STATUS_OK, "250 2.0.0 delivered to the mailbox");
		}
		free(it->tmp);
		free(it->new);
	}
	b->n = 0;
}
