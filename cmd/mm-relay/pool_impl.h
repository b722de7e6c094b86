/* pool_impl.h: a pool and its destinations, shared by pool.c, which keeps the set
 * of them, destination.c, which works for one, and session_notes.c. */
#ifndef MM_POOL_IMPL_H
#define MM_POOL_IMPL_H

#include <uthash.h>

#include "pool.h"

struct destination {
	UT_hash_handle hh;
	struct pool *pool;
	char *domain;
	struct hosts hosts;
	int64_t resolved_at;     /* 0: never */
	struct routing *routing; /* under way */
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
};

struct pool {
	struct ev_loop *loop;
	const struct route *route;
	struct routing_settings routing;
	const struct pool_options *options;
	const struct pool_events *events;
	SSL_CTX *tls;
	struct destination *destinations;
};

void destination_forget_failure(struct destination *d);

/* What a session leaves behind: */

/* Its failure, if that is the one to report. */
void note_failure(struct destination *d, const struct connection *c);

/* Where the recipients that have a status by now got it. */
void note_host(struct transaction *t, const struct connection *c);

/* For the TLS report: the session is ready; it never was, which is logged too. */
void note_session(const struct connection *c);
void note_failed_host(const struct connection *c);

#endif
