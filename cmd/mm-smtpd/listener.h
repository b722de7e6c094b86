/* listener.h: accepting on a listening socket. */
#ifndef SMTPD_LISTENER_H
#define SMTPD_LISTENER_H

#include <ev.h>

#include "server.h"
#include "sockets.h"

struct listener {
	struct server *srv;
	int fd;
	struct ev_io readable;
	struct ev_timer pause; /* while there are no descriptors */
	bool tls_wrapped;
};

/* Starts to accept on a socket, which stays the caller's. */
void listener_start(struct listener *l, struct server *srv, const struct socket *s);
void listener_stop(struct listener *l); /* before the socket is closed; twice is fine */

#endif
