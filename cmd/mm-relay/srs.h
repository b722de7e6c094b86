/* srs.h: the Sender Rewriting Scheme, so that forwarded mail passes SPF: SRS0 and
 * SRS1 addresses as Mail::SRS and postsrsd write them. */
#ifndef MM_SRS_H
#define MM_SRS_H

#include <stdint.h>

#include "buf.h"

struct srs {
	char *secret, *domain; /* owned */
};

/* The secret from secrets/srs of the site, the domain from "SrsDomain" of
 * site.json, else the host name.  0, or -1 after an error was logged. */
int srs_load(struct srs *s, const char *site);
void srs_release(struct srs *s);

/* Appends the address to send from in place of `address` (local@domain, without
 * brackets).  An address of our own domain stays as it is. */
void srs_forward(const struct srs *s, struct str address, int64_t now_ms, struct buf *out);

enum srs_result {
	SRS_REVERSED,
	SRS_OTHER,   /* no SRS address of our domain */
	SRS_FORGED,  /* we did not make it */
	SRS_EXPIRED, /* three weeks ago or more */
};

/* Where mail to an address that srs_forward() made goes: appends that address, of an SRS1
 * address the SRS0 address of the first forwarder.  Nothing unless SRS_REVERSED. */
enum srs_result srs_reverse(
	const struct srs *s, struct str address, int64_t now_ms, struct buf *out);

#endif
