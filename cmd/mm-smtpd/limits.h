/* limits.h: what one client address may do.  An IPv6 client is its /64.
 * Clients without an address (family 0) are not one client: only their total counts. */
#ifndef SMTPD_LIMITS_H
#define SMTPD_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cidr.h"

#define LIMITS_AUTH_FAILURES 10
#define LIMITS_AUTH_WINDOW_MS (10 * 60 * 1000)

/* To a client that is one too many. */
#define LIMITS_TOO_MANY "421 4.7.0 too many connections, try again later"

/* {0} is empty. */
struct limits {
	struct limits_entry *entries;
	size_t total; /* connections */
};

/* Counts a connection, unless the address has `most` already (then false). */
bool limits_enter(struct limits *l, const struct ip *ip, size_t most);
void limits_leave(struct limits *l, const struct ip *ip);

/* After LIMITS_AUTH_FAILURES within the window an address may not try again until
 * the window is over. */
void limits_auth_failed(struct limits *l, const struct ip *ip, int64_t now_ms);
bool limits_auth_allowed(const struct limits *l, const struct ip *ip, int64_t now_ms);

void limits_release(struct limits *l);

#endif
