/* relay_servers.h: the servers of a relay, and the order in which to try them: that
 * of SRV records (RFC 2782). */
#ifndef MM_RELAY_SERVERS_H
#define MM_RELAY_SERVERS_H

#include "json.h"

#define RELAY_MAX_SERVERS 16

struct relay_server {
	char *host; /* a name or an address without brackets; owned */
	int port;
	int priority, weight; /* 0 to 65535 */
};

/* By priority; {0} are none. */
struct relay_servers {
	struct relay_server list[RELAY_MAX_SERVERS];
	size_t n;
};

/* "HOST", "HOST:PORT", "[2001:db8::1]:PORT", "2001:db8::1".  *host is the caller's.  0, or
 * -1 when it is none of these. */
int relay_server_parse(struct str where, int default_port, char **host, int *port);

/* There must be room. */
void relay_servers_add(struct relay_servers *s, struct str host, int port);

/* Adds what "Servers" of a relay lists: objects of Server, Priority and Weight.  NULL, or
 * what was expected at *bad. */
const char *relay_servers_read(
	struct relay_servers *s, const json_t *list, int default_port, size_t *bad);

/* A number below that, by chance. */
typedef uint32_t relay_lot(uint32_t below);
relay_lot relay_random;

/* Which is to be tried first: of those with the lowest priority one by its weight, or
 * the first in the list where none has any.  There must be one. */
size_t relay_servers_first(const struct relay_servers *s, relay_lot *lot);

/* All of them, that one before the others. */
void relay_servers_order(const struct relay_servers *s, size_t first, relay_lot *lot,
	size_t order[RELAY_MAX_SERVERS]);

void relay_servers_release(struct relay_servers *s);

#endif
