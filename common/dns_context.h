/* dns_context.h: libunbound, set up as dns.h says that the environment may ask. */
#ifndef MM_DNS_CONTEXT_H
#define MM_DNS_CONTEXT_H

#include <unbound.h>

/* To be deleted by ub_ctx_delete(), and *zone_fd closed after that unless it is -1:
 * the library reads the zone file from there.  NULL after an error was logged. */
struct ub_ctx *dns_context(int *zone_fd);

#endif
