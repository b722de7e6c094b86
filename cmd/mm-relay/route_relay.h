/* route_relay.h: what the document of a relay says, mm-site(5). */
#ifndef MM_ROUTE_RELAY_H
#define MM_ROUTE_RELAY_H

#include "route.h"

/* But for the secret.  0, or -1 after the reason was logged. */
int route_relay_read(struct route *r, const struct json_doc *doc);

#endif
