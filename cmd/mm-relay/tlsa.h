/* tlsa.h: TLSA records (RFC 6698), as far as SMTP may use them (RFC 7672). */
#ifndef MM_TLSA_H
#define MM_TLSA_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

#define TLSA_MAX_DATA 65535

enum tlsa_usage { TLSA_DANE_TA = 2, TLSA_DANE_EE = 3 };

struct tlsa {
	uint8_t usage, selector, matching;
	unsigned char *data; /* owned */
	size_t n;
};

/* Reads rdata.  True if it can be used: DANE-TA(2) or DANE-EE(3) with a selector, a
 * matching type and data that are known and fit together. */
bool tlsa_read(struct tlsa *t, struct str rdata);
void tlsa_release(struct tlsa *t);

#endif
