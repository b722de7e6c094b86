/* route.h: where mail is to go: a relay of the site, a host given by hand, a
 * mailbox, or the mail exchangers of each recipient's domain. */
#ifndef MM_ROUTE_H
#define MM_ROUTE_H

#include <stdbool.h>

#include "peer_policy.h"

enum route_kind { ROUTE_MX, ROUTE_HOST, ROUTE_UNIX, ROUTE_MAILDIR };

struct route {
	enum route_kind kind;
	char *name; /* what `relayed` says: the relay's, the mailbox's, "mx", the operand */
	char *host; /* ROUTE_HOST: a name or an address without brackets */
	char *path; /* ROUTE_UNIX: of the socket; ROUTE_MAILDIR: with {local} and {domain} */
	int port;
	char *ca_file;             /* certificates to trust beside the system\'s; NULL: none */
	bool tls_wrapped;          /* TLS from the first octet */
	struct peer_policy *peer;  /* a reference */
	struct smtp_settings smtp; /* its strings are the route's own; its tls is peer's */
};

/* Each fills *r and returns 0, or -1 after the reason was logged. */
int route_relay(struct route *r, const char *site, const char *name);
int route_mailbox(struct route *r, const char *site, const char *name);
int route_to(struct route *r, const char *where); /* [lmtp:]HOST[:PORT] or [lmtp:]/PATH */
int route_mx(struct route *r, int port);

void route_release(struct route *r);

#endif
