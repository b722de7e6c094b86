/* own_address.h: is an address one of this host's own, so that mail sent there would
 * come back? */
#ifndef MM_OWN_ADDRESS_H
#define MM_OWN_ADDRESS_H

#include <stdbool.h>

#include "cidr.h"

/* The loopback network, the unspecified address, and those of the interfaces as they
 * were at the first call. */
bool own_address(const struct ip *ip);

/* The loopback network alone. */
bool own_address_loopback(const struct ip *ip);

#endif
