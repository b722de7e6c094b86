/* race.h: the first connection to any of a server's addresses (RFC 8305 section 5): one
 * attempt after the other, each a little later; what connects first is taken, the others
 * are closed. */
#ifndef MM_RACE_H
#define MM_RACE_H

#include <ev.h>

#include "hosts.h"

#define RACE_DELAY_MS 250 /* RFC 8305 section 8 */

struct race;

/* Never called from within race_start(). */
struct race_events {
	/* That one (a number of the list) cannot be reached: why. */
	void (*missed)(void *arg, size_t index, const char *why);
	/* The race is over and freed.  fd: the caller's; or -1 when all were missed. */
	void (*over)(void *arg, size_t index, int fd);
};

/* The list is copied, without its policies; n is at least 1.  timeout_ms: of each attempt. */
struct race *race_start(struct ev_loop *loop, const struct host *list, size_t n,
	const struct ip source[2], int64_t timeout_ms, const struct race_events *events,
	void *arg);

void race_cancel(struct race *r); /* NULL is allowed */

#endif
