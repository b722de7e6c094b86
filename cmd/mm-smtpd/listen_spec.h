/* listen_spec.h: what -l says. */
#ifndef SMTPD_LISTEN_SPEC_H
#define SMTPD_LISTEN_SPEC_H

#include <stdbool.h>

enum listen_kind {
	LISTEN_TCP,     /* where: ADDR:PORT, not looked into */
	LISTEN_UNIX,    /* where: the path of the socket */
	LISTEN_FD,      /* a socket that listens already */
	LISTEN_SYSTEMD, /* every socket in $LISTEN_FDS */
};

struct listen_spec {
	enum listen_kind kind;
	const char *where;
	int fd;
	bool tls_wrapped; /* TLS from the first octet, RFC 8314 section 3 */
};

/* "ADDR:PORT", "unix:PATH", "fd:N" or "systemd", each with or without "tls:" before.
 * NULL, or what was expected (spec then untouched).  spec->where points into text. */
const char *listen_spec_parse(struct listen_spec *spec, const char *text);

#endif
