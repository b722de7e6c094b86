#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "clock.h"
#include "connection_impl.h"
#include "errands.h"
#include "io.h"
#include "journal.h"
#include "mem.h"
#include "metrics.h"

#define READS_A_TURN 16
#define LINGER_MS 2000
#define DATA_MS_PER_OCTET 2 /* 500 octets a second is the least that data may take */

void
connection_cut(struct connection *c, const char *why)
{
	struct server *srv = c->srv;
	if (!c->session.end)
		c->session.end = why;
	journal_session(&c->session, clock_mono_ms() - c->opened_ms);
	errands_abandon(c);
	ev_io_stop(srv->loop, &c->readable);
	ev_io_stop(srv->loop, &c->writable);
	ev_timer_stop(srv->loop, &c->deadline);
	ev_timer_stop(srv->loop, &c->delay);
	if (!c->peer.socket) { /* a terminal or a pipe has other users */
		io_set_nonblocking(c->io.fd, false);
		io_set_nonblocking(c->out_fd, false);
	}
	if (c->out_fd != c->io.fd)
		close(c->out_fd);
	netio_close(&c->io);
	session_release(&c->session);
	buf_release(&c->in);
	DL_DELETE(srv->connections, c);
	metrics_add(METRIC_CONNECTIONS_OPEN, -1);
	limits_leave(&srv->limits, &c->peer.client.ip);
	free(c);
	server_settle(srv);
}

static void
allow_until(struct connection *c, int64_t due_ms)
{
	c->due_ms = due_ms;
	if (ev_is_active(&c->deadline))
		return;
	int64_t left = due_ms - clock_mono_ms();
	ev_timer_set(&c->deadline, left > 0 ? (double)left / 1000 : 0.001, 0.);
	ev_timer_start(c->srv->loop, &c->deadline);
}

/* The client has done its part: the clock starts anew.  In mail data it must also
 * keep up a rate, or a drop a minute would hold the connection for ever. */
void
connection_made_progress(struct connection *c)
{
	int64_t now = clock_mono_ms(), timeout = c->srv->cfg->timeout_ms;
	int64_t due = now + timeout;
	if (!session_in_message(&c->session)) {
		c->data_since_ms = 0;
	} else if (!c->data_since_ms) {
		c->data_since_ms = now;
	} else {
		int64_t most = c->data_since_ms + timeout +
			       (int64_t)c->session.body.octets * DATA_MS_PER_OCTET;
		due = due < most ? due : most;
	}
	c->due_ms = due;
}

static ssize_t
write_some(struct connection *c, const struct buf *b)
{
	struct netio clear = {.fd = c->out_fd};
	return netio_write(c->io.tls ? &c->io : &clear, b->p, b->n);
}

/* Never for both: a client that sends and does not read would wake us for ever. */
void
connection_wait_for(struct connection *c, ssize_t what)
{
	struct ev_loop *loop = c->srv->loop;
	if (what == NETIO_READ) {
		ev_io_stop(loop, &c->writable);
		ev_io_start(loop, &c->readable);
	} else {
		ev_io_stop(loop, &c->readable);
		ev_io_start(loop, &c->writable);
	}
}

/* False when it has to wait, or the connection is gone. */
static bool
flush(struct connection *c)
{
	struct buf *out = &c->session.out;
	while (out->n) {
		ssize_t n = write_some(c, out);
		if (n > 0) {
			buf_consume(out, (size_t)n);
			continue;
		}
		if (n == NETIO_WRITE || n == NETIO_READ)
			connection_wait_for(c, n);
		else
			connection_cut(c, "lost");
		return false;
	}
	buf_release(out);
	return true;
}

/* After an error the client may still be sending, and closing on it would reset
 * the connection before it has read why. */
static void
finish(struct connection *c)
{
	if (!c->session.at_fault || !c->peer.socket) {
		connection_cut(c, "");
		return;
	}
	if (c->io.tls)
		(void)SSL_shutdown(c->io.tls);
	(void)shutdown(c->io.fd, SHUT_WR);
	c->state = CONNECTION_LINGERING;
	ev_io_start(c->srv->loop, &c->readable);
	ev_timer_stop(c->srv->loop, &c->deadline);
	allow_until(c, clock_mono_ms() + LINGER_MS);
}

static void
drain(struct connection *c)
{
	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t n = read(c->io.fd, c->srv->scratch, SERVER_READ_SIZE);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			connection_cut(c, "");
			return;
		}
	}
}

static void
give(struct connection *c, struct str octets)
{
	size_t used = session_input(&c->session, octets);
	if (used)
		connection_made_progress(c);
	if (c->in.n)
		buf_consume(&c->in, used);
	else if (used < octets.n)
		buf_adds(&c->in, str_skip(octets, used));
	if (!c->in.n)
		buf_release(&c->in);
}

/* False when it has to wait, or the connection is gone. */
static bool
read_some(struct connection *c)
{
	ssize_t n = netio_read(&c->io, c->srv->scratch, SERVER_READ_SIZE);
	if (n > 0) {
		struct str got = str_n(c->srv->scratch, (size_t)n);
		if (c->in.n) {
			buf_adds(&c->in, got);
			got = buf_str(&c->in);
		}
		give(c, got);
		return true;
	}
	if (n == NETIO_READ || n == NETIO_WRITE)
		connection_wait_for(c, n);
	else
		connection_cut(c, n == NETIO_EOF ? "eof" : "lost");
	return false;
}

void
connection_pump(struct connection *c)
{
	if (c->state != CONNECTION_TALKING)
		return;
	for (int reads = 0;; reads++) {
		if (c->in.n)
			give(c, buf_str(&c->in));
		if (!flush(c))
			return;
		if (c->session.phase == SESSION_END) {
			finish(c);
			return;
		}
		if (c->session.phase == SESSION_STARTTLS) {
			opening_start_tls(c);
			return;
		}
		if (!session_wants_input(&c->session))
			return;
		if (reads >= READS_A_TURN) { /* others are waiting too */
			ev_feed_event(c->srv->loop, &c->readable, EV_READ);
			return;
		}
		if (!read_some(c))
			return;
	}
}

void
connection_resume(struct connection *c)
{
	if (c->state == CONNECTION_TALKING) /* lingering has a time of its own */
		connection_made_progress(c);
	connection_pump(c);
}

bool
connection_client_is(struct connection *c, const struct peer *p)
{
	struct limits *l = &c->srv->limits;
	const struct ip *before = &c->peer.client.ip, *now = &p->client.ip;
	size_t most = now->family ? c->srv->cfg->max_per_address : SIZE_MAX;
	if (memcmp(before, now, sizeof(*now)) != 0) {
		if (!limits_enter(l, now, most))
			return false;
		limits_leave(l, before);
	}
	c->peer = *p;
	return true;
}

/* Half closed is not gone: such a client still wants its reply. */
static bool
was_reset(const struct connection *c)
{
	char octet;
	return c->peer.socket && recv(c->io.fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
	       errno != EAGAIN && errno != EINTR;
}

static void
on_readable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct connection *c = w->data;
	(void)events;
	switch (c->state) {
	case CONNECTION_PROXY:
		opening_read_proxy(c);
		break;
	case CONNECTION_GREETING:
		ev_io_stop(loop, w);
		break;
	case CONNECTION_TALKING:
		if (session_wants_input(&c->session) || c->session.out.n)
			connection_pump(c);
		else if (was_reset(c))
			connection_cut(c, "lost");
		else
			ev_io_stop(loop, w);
		break;
	case CONNECTION_HANDSHAKE:
		opening_shake_hands(c);
		break;
	case CONNECTION_LINGERING:
		drain(c);
		break;
	}
}

static void
on_writable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct connection *c = w->data;
	(void)events;
	ev_io_stop(loop, w);
	if (c->state == CONNECTION_HANDSHAKE)
		opening_shake_hands(c);
	else
		connection_pump(c);
}

static bool
waits_for_us(const struct connection *c)
{
	return c->state == CONNECTION_GREETING ||
	       (c->state == CONNECTION_TALKING && c->session.out.n == 0 &&
		       !session_wants_input(&c->session));
}

static void
on_deadline(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct connection *c = w->data;
	int64_t now = clock_mono_ms();
	(void)loop, (void)events;
	if (waits_for_us(c))
		allow_until(c, now + c->srv->cfg->timeout_ms);
	else if (c->due_ms > now)
		allow_until(c, c->due_ms);
	else if (c->state != CONNECTION_TALKING || c->session.phase == SESSION_END)
		connection_cut(c, "timeout");
	else {
		session_fault(&c->session, "timeout", "421 4.4.2 timeout");
		allow_until(c, now + LINGER_MS);
		connection_pump(c);
	}
}

static void
on_delay_over(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct connection *c = w->data;
	(void)loop, (void)events;
	if (c->state == CONNECTION_GREETING) {
		opening_greet(c);
		return;
	}
	errands_delay_over(c);
}

static void
init_watchers(struct connection *c, int in_fd, int out_fd)
{
	ev_io_init(&c->readable, on_readable, in_fd, EV_READ);
	ev_io_init(&c->writable, on_writable, out_fd, EV_WRITE);
	ev_init(&c->deadline, on_deadline);
	ev_init(&c->delay, on_delay_over);
	c->readable.data = c->writable.data = c->deadline.data = c->delay.data = c;
}

void
connection_open(
	struct server *srv, int in_fd, int out_fd, const struct peer *p, bool tls_wrapped)
{
	struct connection *c = xcalloc(1, sizeof(*c));
	c->srv = srv;
	c->peer = *p;
	c->io.fd = in_fd;
	c->out_fd = out_fd;
	c->opened_ms = clock_mono_ms();
	io_set_nonblocking(in_fd, true);
	io_set_nonblocking(out_fd, true);
	init_watchers(c, in_fd, out_fd);
	session_init(&c->session, srv->cfg, &errands, c, &c->peer);
	c->session.offers_tls = srv->tls != NULL && in_fd == out_fd;
	c->session.offers_auth = c->session.offers_tls && srv->credentials.n > 0;
	c->session.offers_scram = srv->credentials.nscram > 0;
	c->session.offers_xclient = networks_have(&srv->cfg->xclients, &p->client.ip);
	c->tls_wrapped = tls_wrapped;
	DL_APPEND(srv->connections, c);
	metrics_add(METRIC_CONNECTIONS, 1);
	metrics_add(METRIC_CONNECTIONS_OPEN, 1);
	allow_until(c, c->opened_ms + srv->cfg->timeout_ms);
	if (p->socket && networks_have(&srv->cfg->proxies, &p->client.ip)) {
		c->state = CONNECTION_PROXY;
		ev_io_start(srv->loop, &c->readable);
	} else {
		opening_begin(c);
	}
}

void
connection_stop_all(struct connection *list)
{
	struct connection *c, *next;
	DL_FOREACH_SAFE(list, c, next)
	{
		session_stop(&c->session);
		if (c->state == CONNECTION_GREETING ||
			(c->state == CONNECTION_PROXY && !c->tls_wrapped))
			c->state = CONNECTION_TALKING;
		connection_pump(c);
	}
}
