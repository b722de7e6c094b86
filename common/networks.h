/* networks.h: a set of client addresses that are treated apart. */
#ifndef MM_NETWORKS_H
#define MM_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>

#include "cidr.h"

/* {0} is empty. */
struct networks {
	struct cidr *list;
	size_t n, cap;
	bool local; /* and clients of local sockets, which have no address */
};

/* Adds addresses, networks and the word "unix", with commas between them.  0, or -1
 * when one is none of these. */
int networks_add(struct networks *set, struct str spec);

bool networks_have(const struct networks *set, const struct ip *ip);
void networks_release(struct networks *set);

#endif
