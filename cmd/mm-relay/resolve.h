/* resolve.h: from a route (and a recipient's domain) to addresses to connect to,
 * in the order in which to try them (RFC 5321 section 5.1, RFC 7505). */
#ifndef MM_RESOLVE_H
#define MM_RESOLVE_H

#include <sys/socket.h>

#include "cidr.h"
#include "dns.h"
#include "record.h"
#include "route.h"

#define RESOLVE_MAX_HOSTS 64

struct host {
	char name[DNS_NAME_SIZE]; /* as in DNS; of a socket, its path, perhaps cut */
	char ip[IP_TEXT_SIZE];    /* "unix" for a socket */
	int preference;           /* of the MX; 0 without one */
	bool loopback;
	bool secure;                   /* DNSSEC vouches for every answer that led here */
	char canonical[DNS_NAME_SIZE]; /* where CNAMEs led from the name, or empty */
	struct sockaddr_storage addr;
	socklen_t addr_len;
	struct peer_policy *policy; /* a reference; NULL as resolve_start() gives it */
};

struct hosts {
	struct host *list; /* owned */
	size_t n;
	bool implicit; /* no MX: the domain's own address */
};

/* Takes hosts over.  n == 0: status and reply say why. */
typedef void resolved(void *arg, struct hosts *hosts, enum status status, const char *reply);

struct resolution;

/* Calls done once, perhaps from within.  domain: for ROUTE_MX.  port: but for sockets.  Returns
 * what resolve_cancel() takes, or NULL when done was called already.  dns may be NULL where the
 * route has nothing to look up. */
struct resolution *resolve_start(struct dns *dns, const struct route *route, int port,
	const char *domain, resolved *done, void *arg);
void resolve_cancel(struct resolution *r); /* NULL is allowed */

/* Does the route name its address outright? */
bool resolve_is_literal(const struct route *route);

int host_port(const struct host *h); /* not of a socket */

void hosts_release(struct hosts *h);

#endif
