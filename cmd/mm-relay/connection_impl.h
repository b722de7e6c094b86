/* connection_impl.h: what connection.c, which does the talking, and connection_tls.c, which
 * does the handshake, have of each other. */
#ifndef MM_CONNECTION_IMPL_H
#define MM_CONNECTION_IMPL_H

#include "connection.h"

/* For these events of libev, and no others. */
void connection_wait(struct connection *c, int events);
void connection_set_timer(struct connection *c, int64_t ms);

/* Goes on until the server must say something or the socket is full. */
void connection_work(struct connection *c);

/* Tells the owner, who frees it. */
void connection_end(struct connection *c);

void connection_start_tls(struct connection *c);
void connection_handshake(struct connection *c); /* goes on with it */

#endif
