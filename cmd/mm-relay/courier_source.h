/* courier_source.h: the courier in force: made at the start, and anew when the files
 * of its route have changed.  The one before then delivers what it has. */
#ifndef MM_COURIER_SOURCE_H
#define MM_COURIER_SOURCE_H

#include "delivery.h"
#include "relay_options.h"

struct courier_source;

/* What all couriers have in common; must outlive the source, which may make the DNS when
 * there was none. */
struct courier_settings {
	struct ev_loop *loop;
	struct token_sources *tokens;
	const struct relay_options *options;
	struct routing_settings routing; /* but for the route */
	struct courier courier;          /* likewise, but for what carries the mail */
};

/* Has the route a name to look up, a server's or a token endpoint's? */
bool courier_needs_dns(const struct route *route);

/* Takes the route over, which has been opened as the options say.  NULL after an error
 * was logged. */
struct courier_source *courier_source_new(
	struct courier_settings *settings, struct route *route);

/* For the next record; not from within a call of what delivers.  Looks for changes once a
 * second at most; a broken new file is logged and the old courier stays. */
struct courier *courier_source_current(struct courier_source *s);

/* Makes durable what goes into maildirs. */
void courier_source_commit(struct courier_source *s);

/* Drops what has not been delivered. */
void courier_source_free(struct courier_source *s); /* NULL is allowed */

#endif
