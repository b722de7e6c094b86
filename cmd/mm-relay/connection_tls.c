#include <stdio.h>

#include "connection_impl.h"
#include "peer_check.h"
#include "smtp_transaction.h"

/* RFC 3463: 4.7.5 is a cryptographic failure. */
static void
not_the_peer(struct connection *c, const char *why)
{
	smtp_fail(&c->client, STATUS_TEMPFAIL, "451 4.7.5 the server's certificate: %s", why);
	connection_end(c);
}

static void
handshake_failed(struct connection *c)
{
	char why[256], text[320];
	c->tls_failed = true;
	c->tls_problem = peer_check_problem(c->io.tls, c->host.policy);
	c->tls_problem = c->tls_problem ? c->tls_problem : "validation-failure";
	const char *refused = peer_check_refused(c->io.tls, c->host.policy);
	if (refused) {
		not_the_peer(c, refused);
		return;
	}
	(void)snprintf(
		text, sizeof(text), "TLS handshake failed: %s", tls_error(why, sizeof(why)));
	smtp_lost(&c->client, text);
	connection_end(c);
}

static void
handshake_done(struct connection *c)
{
	const char *wrong = peer_check_result(c->io.tls, c->host.policy);
	(void)snprintf(
		c->tls_version, sizeof(c->tls_version), "%s", SSL_get_version(c->io.tls));
	if (wrong) {
		c->tls_failed = true;
		not_the_peer(c, wrong);
		return;
	}
	c->tls_problem = peer_check_problem(c->io.tls, c->host.policy);
	c->client.channel_n = tls_binding_exporter(c->io.tls, c->client.channel);
	c->verified = peer_check_means(c->host.policy);
	c->stage = CONN_TALKING;
	if (!c->host.tls_wrapped)
		smtp_tls_started(&c->client);
	connection_work(c);
}

void
connection_handshake(struct connection *c)
{
	switch (netio_handshake(&c->io)) {
	case 0:
		handshake_done(c);
		break;
	case NETIO_READ:
		connection_wait(c, EV_READ);
		break;
	case NETIO_WRITE:
		connection_wait(c, EV_WRITE);
		break;
	default:
		handshake_failed(c);
		break;
	}
}

void
connection_start_tls(struct connection *c)
{
	c->stage = CONN_HANDSHAKE;
	connection_set_timer(c, c->options->connect_ms);
	if (netio_start_tls(&c->io, c->tls_context, false) < 0 ||
		peer_check_prepare(c->io.tls, c->host.policy, c->host.name) < 0)
		handshake_failed(c);
	else
		connection_handshake(c);
}
