/* web_host.h: all addresses of a web server by DNS, as a request wants them. */
#ifndef MM_WEB_HOST_H
#define MM_WEB_HOST_H

#include "dns.h"

struct web_host;

/* resolve is that of http_request, valid during the call; NULL: there is no address, and
 * why. */
typedef void web_host_found(void *arg, const char *resolve, const char *why);

/* Asks for A and AAAA.  found is called once, never from within. */
struct web_host *web_host_ask(
	struct dns *dns, const char *host, int port, web_host_found *found, void *arg);
void web_host_cancel(struct web_host *w); /* found will not be called */

#endif
