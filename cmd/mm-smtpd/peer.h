/* peer.h: both ends of a connection, as addresses. */
#ifndef SMTPD_PEER_H
#define SMTPD_PEER_H

#include <stdbool.h>

#include "cidr.h"

struct endpoint {
	struct ip ip;
	char text[IP_TEXT_SIZE]; /* empty: not known */
	int port;                /* 0: not known */
};

#define PEER_NAME_SIZE 256

struct peer {
	struct endpoint client, server;
	bool socket;                      /* a network client, whose timing tells something */
	char client_name[PEER_NAME_SIZE]; /* empty: not known */
};

/* An IPv4-mapped address becomes the IPv4 one. */
void endpoint_set(struct endpoint *e, const struct ip *ip, int port);

/* Of an accepted socket, by getpeername(2) and getsockname(2). */
void peer_of_socket(struct peer *p, int fd);

/* Of the session on descriptor 0: $TCPREMOTEIP, $TCPREMOTEPORT, $TCPLOCALIP and
 * $TCPLOCALPORT where set, else as above. */
void peer_of_stdin(struct peer *p);

#endif
