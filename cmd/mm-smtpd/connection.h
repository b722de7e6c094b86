/* connection.h: one client's socket and timers around its session. */
#ifndef SMTPD_CONNECTION_H
#define SMTPD_CONNECTION_H

#include <ev.h>

#include "server.h"
#include "session.h"
#include "tls.h"

enum connection_state {
	CONNECTION_PROXY,    /* waiting for the header of a proxy */
	CONNECTION_GREETING, /* waiting before the greeting */
	CONNECTION_TALKING,
	CONNECTION_HANDSHAKE,
	CONNECTION_LINGERING, /* all is said; what still comes is thrown away */
};

struct probe;
struct delivery;

struct connection {
	struct server *srv;
	struct session session;
	struct peer peer;
	struct netio io;
	int out_fd; /* differs from io.fd when standard input is no socket */
	enum connection_state state;
	bool tls_wrapped;
	struct buf in; /* what the session has not yet taken */
	struct ev_io readable, writable;
	struct ev_timer deadline, delay;
	int64_t opened_ms, due_ms; /* monotonic */
	int64_t data_since_ms;     /* 0: not in mail data */
	struct probe *probes;      /* at the policy */
	struct delivery *delivery; /* at the handler */
	struct auth_job *auth;
	bool auth_unavailable; /* what to answer when the delay is over */
	struct connection *prev, *next;
};

/* Takes the descriptors.  The peer is copied.  tls_wrapped: TLS from the first
 * octet, both descriptors being one socket. */
void connection_open(
	struct server *srv, int in_fd, int out_fd, const struct peer *p, bool tls_wrapped);

/* The client is somebody else than it seemed.  False, and nothing has changed, when
 * there are too many connections from there. */
bool connection_client_is(struct connection *c, const struct peer *p);

/* Goes on after an answer came for the session; may free the connection. */
void connection_resume(struct connection *c);

void connection_cut(struct connection *c, const char *why); /* closes and frees */

/* Every one of the list ends with 421 as soon as it can. */
void connection_stop_all(struct connection *list);

#endif
