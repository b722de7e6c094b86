/* route_secret.h: what the secret of a relay says, mm-site(5). */
#ifndef MM_ROUTE_SECRET_H
#define MM_ROUTE_SECRET_H

#include "route.h"

/* 0, or -1 with problems added, which have no value of the secret in them. */
int route_secret_read(struct route *r, const struct json_doc *doc, struct problems *ps);

#endif
