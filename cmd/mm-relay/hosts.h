/* hosts.h: the addresses of a destination's servers, in the order in which to try
 * them. */
#ifndef MM_HOSTS_H
#define MM_HOSTS_H

#include <sys/socket.h>

#include "cidr.h"
#include "dns.h"
#include "peer_policy.h"

#define RESOLVE_MAX_HOSTS 64

struct host {
	char name[DNS_NAME_SIZE]; /* as in DNS; of a socket, its path, perhaps cut */
	char ip[IP_TEXT_SIZE];    /* "unix" for a socket */
	int preference;           /* of the MX; the priority of a relay's server; else 0 */
	bool tls_wrapped;         /* TLS from the first octet */
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

/* Are they addresses of one server, by name and port? */
bool host_same_server(const struct host *a, const struct host *b);

int host_port(const struct host *h); /* not of a socket */

/* Appends one, to be filled in further; there must be fewer than RESOLVE_MAX_HOSTS. */
struct host *hosts_add(
	struct hosts *hosts, const char *name, int preference, const struct ip *ip, int port);

void hosts_release(struct hosts *h);

#endif
