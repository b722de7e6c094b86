/* dkim_hash.h: the SHA-256 hashes of one message that its signatures are of (RFC
 * 6376 section 3.7, RFC 8617 section 5.1.1). */
#ifndef MM_VERDICT_DKIM_HASH_H
#define MM_VERDICT_DKIM_HASH_H

#include "dkim_canon.h"
#include "dkim_pkey.h"
#include "dkim_signature.h"

/* The hash of a body is computed once for all that ask for the same. */
struct dkim_hash;

struct dkim_hash *dkim_hash_new(const struct message *msg); /* msg must outlive it */
void dkim_hash_free(struct dkim_hash *h);

/* Of the body, or of its first `length` octets if limited.  False when it has not
 * so many. */
bool dkim_hash_body(struct dkim_hash *h, enum dkim_canon c, bool limited, uint64_t length,
	unsigned char out[DKIM_HASH_SIZE]);

/* The fields that a list h= names, from the bottom up, without `own`; those that are
 * not there are left out.  Valid until the next call. */
const struct header_field **dkim_hash_choose(
	struct dkim_hash *h, struct str names, const struct header_field *own, size_t *n);

/* Of these fields and then of `own` without the value of its tag b=. */
void dkim_hash_fields(struct dkim_hash *h, enum dkim_canon c,
	const struct header_field *const *fields, size_t n, const struct header_field *own,
	unsigned char out[DKIM_HASH_SIZE]);

/* The same of fields that are given one by one, relaxed.  dkim_hash_chain() may be
 * asked between them. */
void dkim_hash_begin(struct dkim_hash *h);
void dkim_hash_add(struct dkim_hash *h, const struct header_field *f);
void dkim_hash_chain(
	struct dkim_hash *h, const struct header_field *own, unsigned char out[DKIM_HASH_SIZE]);

/* What comes of verifying one signature with a key. */
enum dkim_outcome { DKIM_GOOD, DKIM_BAD_BODY, DKIM_SHORT_BODY, DKIM_BAD_HEADER };
enum dkim_outcome dkim_hash_verify(
	struct dkim_hash *h, const struct dkim_signature *s, struct dkim_pkey *key);
const char *dkim_outcome_text(enum dkim_outcome outcome); /* "" for good */

#endif
