/* routing.h: where the mail of a destination goes, and how safely: the addresses of
 * resolve.h, each with its TLS policy. */
#ifndef MM_ROUTING_H
#define MM_ROUTING_H

#include "mta_sts.h"
#include "resolve.h"
#include "tls_rpt.h"
#include "tls_table.h"

struct routing;

/* What all destinations have in common; must outlive them. */
struct routing_settings {
	struct dns *dns; /* NULL where the route has nothing to look up */
	const struct route *route;
	const struct tls_table *table; /* NULL: there is none */
	struct mta_sts *mta_sts;       /* NULL: policies are not asked for */
	struct tls_rpt *rpt;           /* NULL: nothing is noted */
	bool no_dane;
};

/* Like resolve_start(); every host has a policy. */
struct routing *routing_start(const struct routing_settings *s, const char *domain,
	size_t first, resolved *done, void *arg);
void routing_cancel(struct routing *r); /* NULL is allowed */

#endif
