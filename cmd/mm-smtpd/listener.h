/* listener.h: listening sockets. */
#ifndef SMTPD_LISTENER_H
#define SMTPD_LISTENER_H

#include <ev.h>

#include "server.h"

struct listener {
	struct server *srv;
	int fd;
	struct ev_io readable;
	struct ev_timer pause; /* while there are no descriptors */
	struct endpoint bound;
	bool tls_wrapped;
};

/* where: ADDR:PORT, [ADDR]:PORT, :PORT (every address).  0, or -1 after an error
 * was logged. */
int listener_open(struct listener *l, struct server *srv, const struct listen_spec *spec);
void listener_close(struct listener *l); /* once is enough, twice is fine */

/* Tells --ready-fd and --port-file, a line "ADDR PORT" each, and starts to accept. */
int listeners_announce(struct listener *l, size_t n, const struct config *cfg);

#endif
