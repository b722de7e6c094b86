/* clamd's INSTREAM command, one connection a message (clamd(8)). */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
#include <arpa/inet.h>

#include "analyser.h"
#include "buf.h"
#include "log.h"
#include "mem.h"

#define DEFAULT_SOCKET "/var/run/clamav/clamd.ctl"
#define MAX_ANSWER 4096
#define COMMAND_SIZE 14 /* zINSTREAM, its NUL, the length of the one chunk */

struct clamav {
	struct ev_loop *loop;
	struct sockaddr_storage addr;
	socklen_t addr_len;
};

struct job {
	struct clamav *state;
	struct scan *scan;
	int fd;
	struct ev_io io;
	char command[COMMAND_SIZE];
	size_t sent; /* of command, message and end together */
	struct buf answer;
};

static bool
unix_address(struct clamav *c, const char *path)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&c->addr;
	un->sun_family = AF_UNIX;
	c->addr_len = sizeof(*un);
	return str_copy(str_of(path), un->sun_path, sizeof(un->sun_path));
}

/* ADDR:PORT, [ADDR]:PORT or NAME:PORT */
static bool
tcp_address(struct clamav *c, const char *text)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	const char *colon = strrchr(text, ':');
	if (!colon || colon == text)
		return false;
	struct str host = str_n(text, (size_t)(colon - text));
	if (host.n > 1 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_n(host.p + 1, host.n - 2);
	char *name = str_dup(host);
	bool ok = getaddrinfo(name, colon + 1, &hints, &found) == 0;
	if (ok) {
		memcpy(&c->addr, found->ai_addr, found->ai_addrlen);
		c->addr_len = found->ai_addrlen;
		freeaddrinfo(found);
	}
	free(name);
	return ok;
}

static void *
clamav_open(struct ev_loop *loop, const struct scan_settings *settings)
{
	const char *where = settings->socket ? settings->socket : DEFAULT_SOCKET;
	struct clamav *c = xcalloc(1, sizeof(*c));
	c->loop = loop;
	if (*where == '/' ? unix_address(c, where) : tcp_address(c, where))
		return c;
	log_error("--socket %s: expected the path of a socket or ADDR:PORT", where);
	free(c);
	return NULL;
}

static void
clamav_close(void *state)
{
	free(state);
}

static void
end(struct job *j)
{
	ev_io_stop(j->state->loop, &j->io);
	if (j->fd >= 0)
		close(j->fd);
	buf_release(&j->answer);
	free(j);
}

static void
give_up(struct job *j, const char *what)
{
	char reason[256];
	struct scan *s = j->scan;
	(void)snprintf(reason, sizeof(reason), "clamd: %s: %s", what, strerror(errno));
	end(j);
	scan_finish(s, SCAN_PROCESSING_FAILED, reason);
}

/* "stream: OK", "stream: NAME FOUND", "INSTREAM size limit exceeded. ERROR" */
static void
conclude(struct job *j)
{
	struct scan *s = j->scan;
	struct str text = str_trim(buf_str(&j->answer));
	char reason[256];
	if (text.n && text.p[text.n - 1] == '\0')
		text = str_trim(str_n(text.p, text.n - 1));
	if (str_starts(text, STR("stream: ")))
		text = str_skip(text, strlen("stream: "));
	(void)snprintf(reason, sizeof(reason), "clamd: %.*s",
		text.n ? (int)(text.n < 200 ? text.n : 200) : 9, text.n ? text.p : "no answer");
	if (str_eq(text, STR("OK"))) {
		end(j);
		scan_finish(s, SCAN_PASS, NULL);
	} else if (str_ends(text, STR(" FOUND"))) {
		scan_found(s, "name", str_n(text.p, text.n - strlen(" FOUND")));
		end(j);
		scan_finish(s, SCAN_FAIL, NULL);
	} else {
		end(j);
		scan_finish(s, SCAN_PROCESSING_FAILED, reason);
	}
}

static void
read_answer(struct job *j)
{
	char piece[1024];
	ssize_t got = read(j->fd, piece, sizeof(piece));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0) {
		give_up(j, "cannot read its answer");
		return;
	}
	buf_add(&j->answer, piece, (size_t)got);
	bool whole = j->answer.n && memchr(j->answer.p, '\0', j->answer.n);
	if (got == 0 || whole || j->answer.n > MAX_ANSWER)
		conclude(j);
}

/* What is still to be sent; 0 pieces when it is all out. */
static int
remaining(const struct job *j, struct iovec iov[3])
{
	static const char zero[4];
	const struct blob *body = j->scan->rec->body;
	const struct str parts[] = {str_n(j->command, sizeof(j->command)),
		str_n(body->p, body->n), str_n(zero, sizeof(zero))};
	size_t skip = j->sent;
	int n = 0;
	for (int i = 0; i < 3; i++) {
		if (skip >= parts[i].n) {
			skip -= parts[i].n;
			continue;
		}
		iov[n].iov_base = (void *)(uintptr_t)(parts[i].p + skip);
		iov[n++].iov_len = parts[i].n - skip;
		skip = 0;
	}
	return n;
}

static void
wait_for(struct job *j, int events)
{
	ev_io_stop(j->state->loop, &j->io);
	ev_io_set(&j->io, j->fd, events);
	ev_io_start(j->state->loop, &j->io);
}

static void
write_message(struct job *j)
{
	struct iovec iov[3];
	int n = remaining(j, iov);
	ssize_t put = writev(j->fd, iov, n);
	if (put > 0)
		j->sent += (size_t)put;
	/* It may have refused and closed: then its answer says why. */
	if ((put < 0 && (errno == EPIPE || errno == ECONNRESET)) || remaining(j, iov) == 0)
		wait_for(j, EV_READ);
	else if (put < 0 && errno != EAGAIN && errno != EINTR)
		give_up(j, "cannot write");
}

static void
on_ready(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct job *j = w->data;
	(void)loop;
	if (events & EV_WRITE)
		write_message(j);
	else
		read_answer(j);
}

static void
clamav_start(void *state, struct scan *s)
{
	struct clamav *c = state;
	struct job *j = xcalloc(1, sizeof(*j));
	uint32_t size = htonl((uint32_t)s->rec->body->n);
	memcpy(j->command, "zINSTREAM", 10);
	memcpy(j->command + 10, &size, 4);
	j->state = c;
	j->scan = s;
	s->job = j;
	ev_io_init(&j->io, on_ready, -1, EV_WRITE);
	j->io.data = j;
	j->fd = socket(c->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (j->fd < 0 || (connect(j->fd, (struct sockaddr *)&c->addr, c->addr_len) < 0 &&
				 errno != EINPROGRESS)) {
		give_up(j, "cannot connect");
		return;
	}
	wait_for(j, EV_WRITE);
}

static void
clamav_cancel(void *state, struct scan *s)
{
	(void)state;
	end(s->job);
}

const struct analyser analyser_clamav = {
	.name = "clamav",
	.parallel = 8,
	.timeout_ms = 60000,
	.open = clamav_open,
	.start = clamav_start,
	.cancel = clamav_cancel,
	.close = clamav_close,
};
