/* pool.h: destinations and the connections to them: who carries which
 * transaction when, and what is tried next when a host fails. */
#ifndef MM_POOL_H
#define MM_POOL_H

#include "connection.h"
#include "dns.h"
#include "resolve.h"
#include "routing.h"
#include "token_source.h"

struct pool;
struct destination;

/* One message for the recipients that share a destination. */
struct transaction {
	struct smtp_transaction smtp; /* rcpts: owned with what they own */
	void *delivery;               /* the owner's */
	struct destination *destination;

	/* private */
	size_t min_host; /* hosts before this one have been tried */
	unsigned lost;   /* times a reused connection died under it */
	uint64_t number; /* in the order of arrival */
	struct transaction *prev, *next;
};

struct pool_options {
	struct connection_options connection;
	size_t max_connections; /* to one destination */
	int64_t gap_us; /* between messages to one, see pace.h; of a relay, to all its servers
			 */
	bool dry_run;   /* resolve only; `planned` instead of `done` */
	struct token_source *tokens; /* of the sessions; NULL: the route has what they need */
};

struct pool_events {
	/* Every recipient has status, reply and (where a host was reached) via. */
	void (*done)(struct transaction *t);
	/* Dry run: where it would go; hosts->n == 0: every recipient has status and
	 * reply. */
	void (*planned)(struct transaction *t, const struct hosts *hosts);
};

/* NULL after an error was logged.  Options, events and what the settings point to
 * must outlive it. */
struct pool *pool_new(struct ev_loop *loop, const struct routing_settings *routing,
	const struct pool_options *options, const struct pool_events *events);

/* The destination of this domain (lower case); "" for any but ROUTE_MX, where it is that of
 * the relay's server to be tried first.  Valid until the loop next waits, and as long as it
 * has transactions. */
struct destination *pool_destination(struct pool *p, const char *domain, size_t first);

const char *destination_domain(const struct destination *d);

/* For the caller: the transaction of one delivery that still takes recipients. */
struct transaction **destination_open(struct destination *d);

/* Takes t until events->done, which may come from within. */
void pool_submit(struct transaction *t);

/* Takes an error that needs no network: all undecided recipients get it. */
void transaction_fail(struct transaction *t, enum status s, const char *reply);

/* Says QUIT to idle servers, drops the rest. */
void pool_free(struct pool *p);

#endif
