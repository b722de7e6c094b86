/* resolve.h: from a route (and a recipient's domain) to addresses to connect to,
 * in the order in which to try them (RFC 5321 section 5.1, RFC 7505). */
#ifndef MM_RESOLVE_H
#define MM_RESOLVE_H

#include "dns.h"
#include "hosts.h"
#include "record.h"
#include "route.h"

/* Takes hosts over.  n == 0: status and reply say why. */
typedef void resolved(void *arg, struct hosts *hosts, enum status status, const char *reply);

struct resolution;

/* Calls done once, perhaps from within.  domain and port: for ROUTE_MX; first: for ROUTE_HOST,
 * the server to be tried first.  Returns what resolve_cancel() takes, or NULL when done was
 * called already.  dns may be NULL where the route has nothing to look up. */
struct resolution *resolve_start(struct dns *dns, const struct route *route, int port,
	const char *domain, size_t first, resolved *done, void *arg);
void resolve_cancel(struct resolution *r); /* NULL is allowed */

/* Does the route name its addresses outright? */
bool resolve_is_literal(const struct route *route);

#endif
