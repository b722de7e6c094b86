/* proxy.h: the header that a proxy sends before the client's octets, PROXY protocol
 * versions 1 and 2. */
#ifndef SMTPD_PROXY_H
#define SMTPD_PROXY_H

#include "peer.h"

#define PROXY_MAX 4096 /* octets of a header, what version 2 appends included */

enum proxy_result { PROXY_MORE, PROXY_DONE, PROXY_BAD };

/* Reads the header at the start of in.  PROXY_DONE: *used octets of it, and p has both
 * ends of the client's connection where the header names them; else p is as before.
 * PROXY_MORE: all of in belongs to a header that goes on. */
enum proxy_result proxy_parse(struct str in, struct peer *p, size_t *used);

#endif
