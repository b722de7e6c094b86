#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client_cert.h"
#include "connection_impl.h"
#include "journal.h"
#include "metrics.h"
#include "proxy.h"

static void welcome(struct connection *c);

static void
secured(struct connection *c)
{
	c->state = CONNECTION_TALKING;
	connection_made_progress(c);
	if (c->session.tls_wrapped && c->session.phase != SESSION_END)
		welcome(c);
	else
		connection_pump(c);
}

static void
bind_channel(struct connection *c)
{
	struct scram_channel *ch = &c->session.channel;
	_Static_assert(SCRAM_BINDING_MAX >= TLS_BINDING_MAX, "a binding fits");
	ch->exporter.n = tls_binding_exporter(c->io.tls, ch->exporter.p);
	ch->end_point.n = tls_binding_server_end_point(c->io.tls, ch->end_point.p);
}

void
opening_shake_hands(struct connection *c)
{
	int rc = netio_handshake(&c->io);
	if (rc == NETIO_READ || rc == NETIO_WRITE) {
		connection_wait_for(c, rc);
	} else if (rc != 0) {
		journal_tls_failure(&c->session);
		connection_cut(c, "tls-failed");
	} else {
		bind_channel(c);
		metrics_count(METRIC_TLS_HANDSHAKES, "ok", SSL_get_version(c->io.tls));
		session_secured(&c->session, SSL_get_version(c->io.tls),
			SSL_get_cipher_name(c->io.tls), client_cert_fields(c->io.tls));
		secured(c);
	}
}

void
opening_start_tls(struct connection *c)
{
	buf_release(&c->in);
	if (netio_start_tls(&c->io, c->srv->tls, true) < 0) {
		connection_cut(c, "tls-failed");
		return;
	}
	c->state = CONNECTION_HANDSHAKE;
	opening_shake_hands(c);
}

void
opening_begin(struct connection *c)
{
	if (c->tls_wrapped) {
		session_wrap(&c->session);
		opening_start_tls(c);
	} else {
		welcome(c);
	}
}

/* Who is behind the proxy is known now. */
static void
introduced(struct connection *c, const struct peer *p)
{
	buf_release(&c->in);
	ev_io_stop(c->srv->loop, &c->readable);
	connection_made_progress(c);
	if (connection_client_is(c, p)) {
		opening_begin(c);
	} else if (c->tls_wrapped) {
		connection_cut(c, "max-per-address");
	} else {
		c->state = CONNECTION_TALKING;
		session_end(&c->session, "max-per-address", LIMITS_TOO_MANY);
		connection_pump(c);
	}
}

/* No octet behind the header is taken: the next may begin a TLS handshake. */
void
opening_read_proxy(struct connection *c)
{
	struct peer p = c->peer;
	size_t before = c->in.n, used;
	ssize_t n = recv(c->io.fd, c->srv->scratch, PROXY_MAX, MSG_PEEK | MSG_DONTWAIT);
	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			connection_cut(c, n == 0 ? "eof" : "lost");
		return;
	}
	buf_add(&c->in, c->srv->scratch, (size_t)n);
	enum proxy_result result = proxy_parse(buf_str(&c->in), &p, &used);
	size_t mine = result == PROXY_DONE ? used - before : (size_t)n;
	if (result == PROXY_BAD || read(c->io.fd, c->srv->scratch, mine) != (ssize_t)mine)
		connection_cut(c, "proxy");
	else if (result == PROXY_DONE)
		introduced(c, &p);
}

static bool
spoke_early(struct connection *c)
{
	char octet;
	return c->peer.socket && netio_peek(&c->io, &octet, 1) == 1;
}

void
opening_greet(struct connection *c)
{
	c->state = CONNECTION_TALKING;
	if (spoke_early(c))
		session_fault(&c->session, "early-talker",
			"554 5.5.0 wait for the greeting before you speak");
	else
		session_greet(&c->session);
	connection_made_progress(c);
	connection_pump(c);
}

static void
welcome(struct connection *c)
{
	int64_t delay_ms = c->srv->cfg->greet_delay_ms;
	if (delay_ms == 0 || !c->peer.socket) {
		opening_greet(c);
		return;
	}
	c->state = CONNECTION_GREETING;
	ev_timer_set(&c->delay, (double)delay_ms / 1000, 0.);
	ev_timer_start(c->srv->loop, &c->delay);
}
