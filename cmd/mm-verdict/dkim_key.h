/* dkim_key.h: DKIM key records (RFC 6376 section 3.6.1, RFC 8463). */
#ifndef MM_VERDICT_DKIM_KEY_H
#define MM_VERDICT_DKIM_KEY_H

#include "answers.h"
#include "buf.h"

enum dkim_algorithm { DKIM_RSA_SHA256, DKIM_ED25519_SHA256 };

struct dkim_key {
	enum dkim_algorithm algorithm;
	bool strict;       /* t=s: i= must name the signing domain itself */
	struct buf base64; /* p= without spaces */
};

/* Reads one record.  NULL, or what is wrong with it: a literal.  In both cases
 * to be released. */
const char *dkim_key_parse(struct dkim_key *k, struct str txt);
void dkim_key_release(struct dkim_key *k);

/* The first record of a TXT answer that can serve this algorithm.  NULL, or why
 * there is none. */
const char *dkim_key_choose(
	struct dkim_key *k, const struct answer *a, enum dkim_algorithm algorithm);

#endif
