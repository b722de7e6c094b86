/* cidr.h: IP addresses and networks.  IPv4-mapped IPv6 ("::ffff:192.0.2.1") is
 * the IPv4 address. */
#ifndef MM_CIDR_H
#define MM_CIDR_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

struct ip {
	int family; /* AF_INET or AF_INET6 */
	uint8_t octets[16];
};

struct cidr {
	struct ip ip; /* host bits are zero */
	int bits;
};

#define IP_TEXT_SIZE 46

/* Each returns 0, or -1 when s is no such thing. */
int ip_parse(struct str s, struct ip *out);
int cidr_parse(struct str s, struct cidr *out); /* "ADDR/BITS"; without "/BITS" one host */

char *ip_text(const struct ip *ip, char out[IP_TEXT_SIZE]); /* returns out */
bool cidr_contains(const struct cidr *c, const struct ip *ip);

/* True if every address of `inner` is in `outer`. */
bool cidr_covers(const struct cidr *outer, const struct cidr *inner);

#endif
