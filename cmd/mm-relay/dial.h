/* dial.h: a socket on its way to a server. */
#ifndef MM_DIAL_H
#define MM_DIAL_H

#include "hosts.h"

/* A non-blocking descriptor, connected or about to be.  source: addresses of IPv4 and of
 * IPv6 to connect from, family 0 for any.  -1 with errno set. */
int dial(const struct host *host, const struct ip source[2]);

#endif
