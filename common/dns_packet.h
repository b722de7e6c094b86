/* dns_packet.h: the TXT records of a whole DNS message. */
#ifndef MM_DNS_PACKET_H
#define MM_DNS_PACKET_H

#include "str.h"

/* Of an answer without an error: up to max of them, views into the message, those
 * that hold no string at all (which RFC 1035 does not allow) left out.  0 when it
 * is no such message. */
size_t dns_packet_txt(struct str message, struct str *rdata, size_t max);

#endif
