#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "connection_impl.h"
#include "mem.h"
#include "smtp_transaction.h"

#define READ_SIZE 16384
#define BLOCK_MS 180000 /* for the server to take some of it: RFC 5321 section 4.5.3.2.5 */

void
connection_wait(struct connection *c, int events)
{
	if ((c->watcher.events & (EV_READ | EV_WRITE)) != events) {
		ev_io_stop(c->loop, &c->watcher);
		ev_io_set(&c->watcher, c->io.fd, events);
	}
	ev_io_start(c->loop, &c->watcher);
}

void
connection_set_timer(struct connection *c, int64_t ms)
{
	c->timer.repeat = (double)ms / 1000;
	ev_timer_again(c->loop, &c->timer);
}

void
connection_end(struct connection *c)
{
	struct smtp_transaction *t = c->current;
	c->current = NULL;
	if (c->io.fd >= 0)
		ev_io_stop(c->loop, &c->watcher);
	ev_timer_stop(c->loop, &c->timer);
	c->events->ended(c, t);
}

static void
lost(struct connection *c, const char *why)
{
	smtp_lost(&c->client, why);
	connection_end(c);
}

static void
on_timeout(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct connection *c = w->data;
	(void)loop, (void)events;
	if (c->idle || c->client.phase == SMTP_FAILED)
		connection_end(c);
	else
		lost(c, "timeout");
}

/* 1: out is empty.  0: waiting to write.  -1: the connection is gone. */
static int
send_out(struct connection *c)
{
	struct buf *out = &c->client.out;
	size_t sent = 0;
	ssize_t n = 1;
	while (sent < out->n && (n = netio_write(&c->io, out->p + sent, out->n - sent)) > 0)
		sent += (size_t)n;
	buf_consume(out, sent);
	c->wrote = c->wrote || sent > 0;
	if (n > 0)
		return 1;
	if (n != NETIO_READ && n != NETIO_WRITE)
		return -1;
	connection_wait(c, n == NETIO_READ ? EV_READ : EV_READ | EV_WRITE);
	connection_set_timer(c, c->options->reply_ms ? c->options->reply_ms : BLOCK_MS);
	return 0;
}

/* A server that hangs up has often said why. */
static void
write_failed(struct connection *c)
{
	char in[READ_SIZE];
	ssize_t n;
	while (c->client.phase != SMTP_FAILED && (n = netio_read(&c->io, in, sizeof(in))) > 0)
		smtp_receive(&c->client, str_n(in, (size_t)n));
	lost(c, "connection lost");
}

static void
wait_reply(struct connection *c)
{
	connection_wait(c, EV_READ);
	if (!c->wrote && c->replies == c->client.replies)
		return; /* a piece of a reply earns no more time */
	c->wrote = false;
	c->replies = c->client.replies;
	int64_t given = c->options->reply_ms * (c->client.dot_sent ? 2 : 1);
	connection_set_timer(c, given ? given : smtp_patience_ms(&c->client));
}

/* Takes up the next transaction, or rests. */
static bool
next_work(struct connection *c)
{
	c->established = true;
	if (smtp_spent(&c->client, c->done)) {
		c->idle = true;
		connection_end(c);
		return false;
	}
	c->reused = c->idle || c->done > 0;
	c->current = c->events->ready(c);
	c->idle = c->current == NULL;
	if (c->current) {
		smtp_begin(&c->client, c->current);
		return true;
	}
	connection_wait(c, EV_READ);
	connection_set_timer(c, c->options->idle_ms);
	return false;
}

void
connection_work(struct connection *c)
{
	for (;;) {
		if (c->current && !c->client.transaction && c->client.phase != SMTP_FAILED) {
			struct smtp_transaction *t = c->current;
			c->current = NULL;
			c->done++;
			c->events->over(c, t);
		}
		if (c->client.phase == SMTP_FAILED) {
			connection_end(c);
			return;
		}
		int rc = send_out(c);
		if (rc < 0) {
			write_failed(c);
			return;
		}
		if (rc == 0)
			return;
		if (c->client.phase == SMTP_START_TLS) {
			connection_start_tls(c);
			return;
		}
		if (c->client.phase == SMTP_READY) {
			if (!next_work(c))
				return;
			continue;
		}
		smtp_fill(&c->client);
		if (c->client.out.n == 0) {
			wait_reply(c);
			return;
		}
	}
}

static void
talk(struct connection *c)
{
	char in[READ_SIZE];
	ssize_t n;
	while ((n = netio_read(&c->io, in, sizeof(in))) > 0) {
		smtp_receive(&c->client, str_n(in, (size_t)n));
		if (c->client.phase == SMTP_FAILED || c->client.phase == SMTP_START_TLS)
			break;
		if (!c->io.tls && (size_t)n < sizeof(in))
			break;
	}
	if (n > 0 || n == NETIO_READ || n == NETIO_WRITE)
		connection_work(c);
	else
		lost(c, c->idle ? "idle" : "connection lost");
}

static void
on_io(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct connection *c = w->data;
	(void)loop, (void)events;
	if (c->stage == CONN_HANDSHAKE)
		connection_handshake(c);
	else
		talk(c);
}

static void
on_missed(void *arg, size_t index, const char *why)
{
	struct connection *c = arg;
	if (!c->unreached)
		c->unreached = xstrdup(why);
	c->events->missed(c, &c->hosts[index], why);
}

/* The policy is that of the server, whichever address it is. */
static void
take_host(struct connection *c, size_t index)
{
	struct peer_policy *policy = c->host.policy;
	c->host = c->hosts[index];
	c->host.policy = policy;
	c->host_index += index;
	c->client.clear_auth = c->host.loopback;
}

static void
on_connected(void *arg, size_t index, int fd)
{
	struct connection *c = arg;
	c->race = NULL;
	if (fd < 0) {
		c->host_index += c->nhosts - 1;
		smtp_unreachable(&c->client, c->unreached);
		connection_end(c);
		return;
	}
	take_host(c, index);
	c->io.fd = fd;
	ev_io_init(&c->watcher, on_io, fd, 0);
	c->watcher.data = c;
	c->reached = true;
	if (c->host.tls_wrapped) {
		connection_start_tls(c);
		return;
	}
	c->stage = CONN_TALKING;
	wait_reply(c);
}

static const struct race_events race_events = {.missed = on_missed, .over = on_connected};

static void
init_settings(struct connection *c, const struct smtp_settings *settings)
{
	c->settings = *settings;
	c->settings.tls = c->in_clear ? SMTP_TLS_NONE : c->host.policy->level;
	c->settings.vouched = c->host.policy->vouched;
	c->settings.server = c->host.name;
	c->settings.server_port = c->host.addr.ss_family == AF_UNIX ? 0 : host_port(&c->host);
	smtp_init(&c->client, &c->settings, c->host.tls_wrapped);
}

struct connection *
connection_open(struct ev_loop *loop, const struct connection_options *options,
	const struct connection_events *events, void *owner, SSL_CTX *tls_context,
	const struct route *route, const struct candidates *to, bool in_clear)
{
	struct connection *c = xcalloc(1, sizeof(*c));
	c->loop = loop;
	c->options = options;
	c->events = events;
	c->owner = owner;
	c->tls_context = tls_context;
	c->host = to->list[to->first];
	c->host_index = to->first;
	(void)peer_policy_ref(c->host.policy);
	c->in_clear = in_clear;
	c->wrote = true;
	c->io.fd = -1;
	(void)snprintf(c->tls_version, sizeof(c->tls_version), "none");
	init_settings(c, &route->smtp);
	ev_timer_init(&c->timer, on_timeout, 0., 0.);
	c->timer.data = c;
	c->nhosts = to->n;
	c->hosts = xcalloc(to->n, sizeof(*c->hosts));
	memcpy(c->hosts, &to->list[to->first], to->n * sizeof(*c->hosts));
	c->race = race_start(loop, c->hosts, c->nhosts, options->source, options->connect_ms,
		&race_events, c);
	return c;
}

void
connection_use_token(struct connection *c, struct access_token *t)
{
	c->token = access_token_ref(t);
	c->settings.token = t->text;
}

void
connection_wake(struct connection *c)
{
	if (c->idle)
		connection_work(c);
}

void
connection_free(struct connection *c)
{
	race_cancel(c->race);
	ev_timer_stop(c->loop, &c->timer);
	if (c->io.fd >= 0)
		ev_io_stop(c->loop, &c->watcher);
	if (c->idle && c->io.fd >= 0 && c->client.phase != SMTP_FAILED) {
		smtp_quit(&c->client);
		(void)netio_write(&c->io, c->client.out.p, c->client.out.n);
	}
	netio_close(&c->io);
	free(c->hosts);
	free(c->unreached);
	smtp_release(&c->client);
	access_token_unref(c->token);
	peer_policy_unref(c->host.policy);
	free(c);
}
