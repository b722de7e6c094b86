/* connection_impl.h: what connection.c and opening.c share, and nobody else. */
#ifndef SMTPD_CONNECTION_IMPL_H
#define SMTPD_CONNECTION_IMPL_H

#include "connection.h"

/* Each may free the connection, where it does not say otherwise. */

/* The session and the socket, until one of them has to wait. */
void connection_pump(struct connection *c);
/* The client has done its part: its time begins anew.  Frees nothing. */
void connection_made_progress(struct connection *c);
/* what: NETIO_READ or NETIO_WRITE.  Frees nothing. */
void connection_wait_for(struct connection *c, ssize_t what);

/* Before the first command: a proxy's header, the handshake, the greeting. */
void opening_read_proxy(struct connection *c);
void opening_begin(struct connection *c); /* once there is no header to wait for */
void opening_start_tls(struct connection *c);
void opening_shake_hands(struct connection *c);
void opening_greet(struct connection *c);

#endif
