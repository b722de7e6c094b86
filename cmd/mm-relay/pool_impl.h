/* pool_impl.h: a pool and its destinations, shared by pool.c, which keeps the set
 * of them, destination.c, which gives one its work, destination_sessions.c, which hears
 * from its connections, and session_notes.c. */
#ifndef MM_POOL_IMPL_H
#define MM_POOL_IMPL_H

#include <uthash.h>

#include "dead_servers.h"
#include "pace.h"
#include "pool.h"

/* When the next message may go to a destination, or to any of the pool's. */
struct limiter {
	struct pace pace;
	struct ev_timer timer; /* runs while something waits for it */
};

struct destination {
	UT_hash_handle hh;
	struct pool *pool;
	char *key;          /* the domain, or "#FIRST" */
	const char *domain; /* in the key; or "" */
	size_t first;       /* the relay's server to be tried first */
	struct hosts hosts;
	int64_t resolved_at;     /* 0: never */
	struct routing *routing; /* under way */
	struct token_wait token; /* likewise */
	struct transaction *queue;
	size_t queued;
	struct connection *connections;
	size_t n_connections, n_established;
	int64_t no_more_until; /* the server refused one connection more */
	struct failure {
		enum status status; /* NONE: there is none */
		bool reached;
		char *reply;
	} failure; /* of the hosts tried since the last success: what to report */
	struct transaction *open;
	struct limiter limiter; /* of ROUTE_MX */
};

struct pool {
	struct ev_loop *loop;
	const struct route *route;
	struct routing_settings routing;
	const struct pool_options *options;
	const struct pool_events *events;
	SSL_CTX *tls;
	struct destination *destinations;
	uint64_t submitted; /* transactions so far */
	struct dead_servers dead;
	struct limiter limiter; /* but of ROUTE_MX */
};

/* Gives its transactions to connections, opens some, looks up where they go. */
void destination_serve(struct destination *d);

void destination_finish(struct transaction *t);
void destination_enqueue(struct destination *d, struct transaction *t);
void destination_dequeue(struct destination *d, struct transaction *t);

/* The first transaction that may go to this host; NULL: there is none. */
struct transaction *destination_next(const struct destination *d, size_t host_index);

/* May a message go now?  If not, destination_serve() will be called once it may. */
bool destination_may_go(struct destination *d);
void destination_went(struct destination *d); /* one goes */

/* Opens a connection to that host, or one behind it where it is dead. */
void destination_connect(struct destination *d, size_t index);

/* Fails the transactions that no present connection can carry. */
void destination_fail_unserved(struct destination *d, enum status s, const char *reply);

/* Ends a connection that is idle. */
void destination_drop(struct destination *d, struct connection *c);

void destination_forget_failure(struct destination *d);

/* What a session leaves behind: */

/* Its failure, if that is the one to report. */
void note_failure(struct destination *d, const struct connection *c);

/* Where the recipients that have a status by now got it. */
void note_host(struct transaction *t, const struct connection *c);

/* For the TLS report: the session is ready; it never was, which is logged too. */
void note_session(const struct connection *c);
void note_failed_host(const struct connection *c);

/* An address could not be reached. */
void note_missed_host(const struct destination *d, const struct host *host, const char *why);

#endif
