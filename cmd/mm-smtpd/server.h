/* server.h: what the sessions of one process share: the event loop, the handler and
 * the policy, the certificate, the credentials, the limits. */
#ifndef SMTPD_SERVER_H
#define SMTPD_SERVER_H

#include <ev.h>
#include <openssl/ssl.h>
#include <signal.h>

#include "authenticator.h"
#include "config.h"
#include "coproc.h"
#include "credentials.h"
#include "limits.h"
#include "peer.h"
#include "sockets.h"

struct connection;
struct listener;
struct metrics_output;

#define SERVER_READ_SIZE 65536

struct server {
	const struct config *cfg;
	struct ev_loop *loop;
	SSL_CTX *tls; /* NULL: no certificate */
	struct credentials credentials;
	struct authenticator *authenticator;
	struct coproc *policy, *handler; /* NULL until first used */
	struct limits limits;
	struct connection *connections; /* doubly linked */
	size_t deliveries;              /* messages at the handler */
	struct sockets sockets;
	struct listener *listeners; /* one a socket */
	size_t nlisteners;
	bool stopping;
	struct ev_signal term, interrupt, hangup;
	struct ev_timer grace;
	struct metrics_output *metrics; /* NULL: nobody wants them */
	char scratch[SERVER_READ_SIZE]; /* one read; no connection keeps a buffer */
};

/* Serves until stopped by a signal, or until the one session on descriptors 0
 * and 1 has ended.  Returns the exit status. */
int server_run(const struct config *cfg);

/* A worker's part of it: serves on these sockets, which it takes, with the signals
 * blocked that `signals` has once it handles them, and closes ready_fd (-1: none)
 * when it serves. */
int server_work(const struct config *cfg, struct sockets *sockets, const sigset_t *signals,
	int ready_fd);

/* Can certificate and credentials be read?  0, or -1 after every error was logged. */
int server_check(const struct config *cfg);

/* Started when first asked for. */
struct coproc *server_policy(struct server *srv);
struct coproc *server_handler(struct server *srv);

/* Takes an accepted socket; says 421 and closes it when there are too many.
 * tls_wrapped: TLS from the first octet. */
void server_accept(struct server *srv, int fd, bool tls_wrapped);

/* A connection or a delivery has ended: is it time to go? */
void server_settle(struct server *srv);

#endif
