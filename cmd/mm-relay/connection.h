/* connection.h: one connection to one server: socket, TLS, timers around the
 * SMTP client. */
#ifndef MM_CONNECTION_H
#define MM_CONNECTION_H

#include <ev.h>

#include "access_token.h"
#include "peer_policy.h"
#include "race.h"
#include "resolve.h"
#include "smtp_client.h"
#include "tls.h"

struct connection;

/* What its owner is told.  Within a call the owner may not free the connection,
 * except in `ended`. */
struct connection_events {
	/* An address of the server cannot be reached: why. */
	void (*missed)(struct connection *c, const struct host *host, const char *why);
	/* The session is ready for work: a transaction, or NULL to stay idle. */
	struct smtp_transaction *(*ready)(struct connection *c);
	/* Every recipient of the transaction is decided. */
	void (*over)(struct connection *c, struct smtp_transaction *t);
	/* The session is over, whether it failed or was idle too long; t (or NULL) is
	 * what it was at.  The owner calls connection_free(). */
	void (*ended)(struct connection *c, struct smtp_transaction *t);
};

struct connection_options {
	int64_t connect_ms; /* for connect(2), and again for the TLS handshake */
	int64_t reply_ms;   /* for every reply, twice that after the final dot; 0: as RFC 5321
			       says */
	int64_t idle_ms;
	struct ip source[2]; /* IPv4, IPv6: where connections come from; family 0: anywhere */
};

struct connection {
	const struct connection_events *events;
	void *owner;
	const struct connection_options *options;
	struct host host;        /* as long as nothing is reached: the first of them */
	size_t host_index;       /* which it is; when none could be reached, the last of them */
	bool counted;            /* the owner's */
	size_t done;             /* transactions carried so far */
	bool reached;            /* the server took the connection */
	bool established;        /* the session was ready once */
	bool idle;               /* ready, without a transaction */
	bool reused;             /* it was, or had another one, before the one it is at */
	bool in_clear;           /* TLS was given up for this connection */
	bool tls_failed;         /* it ended by a failed handshake */
	const char *verified;    /* how the server showed who it is; NULL: not */
	const char *tls_problem; /* for a TLS report; NULL: there was none */
	char tls_version[16];    /* "TLSv1.3"; "none" in clear */
	struct smtp_client client;
	struct access_token *token; /* a reference; NULL: the settings have what is needed */
	struct connection *prev, *next; /* the owner's list */

	/* private */
	struct ev_loop *loop;
	struct netio io;
	struct host *hosts; /* the candidates, without policy; while it is connecting */
	size_t nhosts;
	struct race *race;
	char *unreached; /* why the first was not */
	struct ev_io watcher;
	struct ev_timer timer;
	SSL_CTX *tls_context;
	struct smtp_settings settings;
	struct smtp_transaction *current;
	size_t replies; /* when the timer was set */
	bool wrote;     /* since then */
	enum { CONN_CONNECTING, CONN_HANDSHAKE, CONN_TALKING } stage;
};

/* The addresses of one server: n of the hosts, from number `first` on. */
struct candidates {
	const struct host *list;
	size_t first, n;
};

/* Never NULL.  in_clear: leave TLS out even if the settings want to try it.
 * Whatever goes wrong is told by `ended`, never from within this call. */
struct connection *connection_open(struct ev_loop *loop,
	const struct connection_options *options, const struct connection_events *events,
	void *owner, SSL_CTX *tls_context, const struct route *route,
	const struct candidates *to, bool in_clear);

/* The token to authenticate with; before the loop next waits. */
void connection_use_token(struct connection *c, struct access_token *t);

/* There may be work for an idle connection: asks `ready` again. */
void connection_wake(struct connection *c);

/* Says QUIT if nothing is going on, closes, frees. */
void connection_free(struct connection *c);

#endif
