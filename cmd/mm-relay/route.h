/* route.h: where mail is to go: a relay of the site, a host given by hand, a
 * mailbox, or the mail exchangers of each recipient's domain. */
#ifndef MM_ROUTE_H
#define MM_ROUTE_H

#include <stdbool.h>

#include "peer_policy.h"
#include "relay_servers.h"
#include "token_grant.h"
#include "watch.h"

enum route_kind { ROUTE_MX, ROUTE_HOST, ROUTE_UNIX, ROUTE_MAILDIR };

/* 0 where nothing is said. */
struct route_limits {
	int64_t connect_ms, reply_ms;
	size_t max_connections;
	int64_t gap_us; /* between messages, see pace.h */
};

struct route {
	enum route_kind kind;
	char *name; /* what `relayed` says: the relay's, the mailbox's, "mx", the operand */
	char *path; /* ROUTE_UNIX: of the socket; ROUTE_MAILDIR: with {local} and {domain} */
	struct relay_servers servers; /* ROUTE_HOST: at least one */
	int port;                     /* ROUTE_MX: to connect to */
	char *ca_file;            /* certificates to trust beside the system's; NULL: none */
	struct peer_policy *peer; /* a reference */
	struct route_limits limits;
	struct smtp_settings smtp; /* its strings are the route's own; its tls is peer's */
	struct token_grant grant;  /* for access tokens; {0}: none */
	struct watch files;        /* that it was read from */
};

/* What the command line asks for. */
struct route_order {
	enum { ROUTE_BY_RELAY, ROUTE_BY_MAILBOX, ROUTE_BY_HAND, ROUTE_BY_MX } by;
	const char *site;
	const char *what;  /* the relay, the mailbox, [lmtp:]HOST[:PORT] or [lmtp:]/PATH */
	const char *hello; /* our name */
	int port;          /* ROUTE_BY_MX: to connect to; 0: that of SMTP */
	bool chunking;
	bool tls_given;
	enum smtp_tls tls;          /* in place of the relay's */
	struct route_limits limits; /* likewise */
};

/* Fills *r, to which the strings of the order do not belong.  0, or -1 after the reason
 * was logged.  *r is to be released in any case: it has the files that were looked at. */
int route_open(struct route *r, const struct route_order *o);

void route_release(struct route *r);

#endif
