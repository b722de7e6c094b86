#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>
#include <utlist.h>

#include "delegation.h"
#include "log.h"
#include "mem.h"
#include "postfix_client.h"

#define READ_SIZE 16384

struct postfix_client {
	struct postfix *owner;
	struct ev_io readable, writable;
	struct ev_timer idle;
	struct delegation request;
	struct buf answers;
	bool ended; /* nothing more comes in */
	struct postfix_client *prev, *next;
};

static bool
is_stdio(const struct postfix_client *c)
{
	return c->readable.fd == STDIN_FILENO;
}

void
postfix_client_close(struct postfix_client *c)
{
	struct postfix *s = c->owner;
	ev_io_stop(s->loop, &c->readable);
	ev_io_stop(s->loop, &c->writable);
	ev_timer_stop(s->loop, &c->idle);
	if (is_stdio(c))
		ev_break(s->loop, EVBREAK_ALL);
	else
		close(c->readable.fd);
	DL_DELETE(s->clients, c);
	s->nclients--;
	delegation_release(&c->request);
	buf_release(&c->answers);
	free(c);
}

static void
fail(struct postfix_client *c, const char *why)
{
	log_warn("connection lost: %s", why);
	if (is_stdio(c))
		c->owner->status = EX_TEMPFAIL;
	postfix_client_close(c);
}

static void
answer(struct postfix_client *c)
{
	struct postfix *s = c->owner;
	struct record *r = delegation_take(&c->request);
	gate_record(s->gate, policy_source_current(s->source), r, s->dry);
	if (record_failed(r))
		buf_addf(&c->answers, "action=%.*s\n\n", STR_ARG(record_get(r, "reply")));
	else
		buf_addstr(&c->answers, "action=DUNNO\n\n");
	record_free(r);
}

/* Writes what there is, reads on once it is out.  c may be gone afterwards. */
static void
flush(struct postfix_client *c)
{
	struct ev_loop *loop = c->owner->loop;
	while (c->answers.n) {
		ssize_t n = write(c->writable.fd, c->answers.p, c->answers.n);
		if (n >= 0) {
			buf_consume(&c->answers, (size_t)n);
		} else if (errno == EAGAIN) {
			ev_io_stop(loop, &c->readable);
			ev_io_start(loop, &c->writable);
			return;
		} else if (errno != EINTR) {
			fail(c, strerror(errno));
			return;
		}
	}
	ev_io_stop(loop, &c->writable);
	if (c->ended)
		postfix_client_close(c);
	else
		ev_io_start(loop, &c->readable);
}

/* What was asked before is answered still. */
static void
refuse(struct postfix_client *c, const char *why)
{
	log_warn("connection closed: %s", why);
	if (is_stdio(c))
		c->owner->status = EX_DATAERR;
	c->ended = true;
	ev_io_stop(c->owner->loop, &c->readable);
	flush(c);
}

static void
take(struct postfix_client *c, struct str input)
{
	enum delegation_state state = DELEGATION_MORE;
	while (input.n) {
		state = delegation_feed(&c->request, &input);
		if (state == DELEGATION_BROKEN) {
			refuse(c, c->request.error);
			return;
		}
		if (state == DELEGATION_WHOLE)
			answer(c);
	}
	flush(c);
}

static void
on_readable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct postfix_client *c = w->data;
	char bytes[READ_SIZE];
	ssize_t n = read(w->fd, bytes, sizeof(bytes));
	(void)events;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	ev_timer_again(loop, &c->idle);
	if (n > 0) {
		take(c, str_n(bytes, (size_t)n));
	} else if (n < 0) {
		fail(c, strerror(errno));
	} else if (delegation_begun(&c->request)) {
		refuse(c, "it ended within a request");
	} else {
		c->ended = true;
		flush(c);
	}
}

static void
on_writable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct postfix_client *c = w->data;
	(void)events;
	ev_timer_again(loop, &c->idle);
	flush(c);
}

static void
on_idle(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	postfix_client_close(w->data);
}

void
postfix_client_new(struct postfix *s, int in, int out)
{
	struct postfix_client *c = xcalloc(1, sizeof(*c));
	c->owner = s;
	ev_io_init(&c->readable, on_readable, in, EV_READ);
	ev_io_init(&c->writable, on_writable, out, EV_WRITE);
	ev_timer_init(&c->idle, on_idle, 0., POSTFIX_IDLE_SECONDS);
	c->readable.data = c->writable.data = c->idle.data = c;
	DL_APPEND(s->clients, c);
	s->nclients++;
	ev_io_start(s->loop, &c->readable);
	if (!is_stdio(c))
		ev_timer_again(s->loop, &c->idle);
}
