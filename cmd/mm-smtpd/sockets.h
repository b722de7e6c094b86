/* sockets.h: the listening sockets of the program, before anybody accepts on them. */
#ifndef SMTPD_SOCKETS_H
#define SMTPD_SOCKETS_H

#include "config.h"
#include "peer.h"

struct socket {
	int fd;
	struct endpoint bound; /* empty: a unix socket */
	char *path;            /* of a unix socket; "@NAME" is an abstract one */
	bool ours;             /* the path was made by us */
	bool tls_wrapped;
};

/* {0} is empty. */
struct sockets {
	struct socket *v;
	size_t n;
};

/* Opens what cfg->listen says, and becomes cfg->user.  0, or -1 after an error was logged; to
 * be released in any case. */
int sockets_open(struct sockets *s, const struct config *cfg);

/* Tells the log, --ready-fd and --port-file: a line "ADDR PORT" or "unix PATH" each.
 * 0, or -1 after an error was logged. */
int sockets_announce(const struct sockets *s, const struct config *cfg);

/* No more clients: closes them and removes the paths that are ours.  Twice is fine. */
void sockets_close(struct sockets *s);

/* The paths are another process's to remove. */
void sockets_disown(struct sockets *s);

void sockets_release(struct sockets *s); /* sockets_close() and the memory */

#endif
