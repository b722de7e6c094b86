/* dkim_sign.h: makes DKIM-Signature and ARC-Message-Signature fields. */
#ifndef MM_VERDICT_DKIM_SIGN_H
#define MM_VERDICT_DKIM_SIGN_H

#include "dkim_hash.h"
#include "signing_keys.h"

/* Appends a field of the kind, with its line end: of an instance for ARC.  NULL, or
 * why it cannot be made: a literal; out is then as it was. */
const char *dkim_sign(struct buf *out, enum dkim_kind kind, unsigned instance,
	struct dkim_hash *h, const struct message *msg, const struct signing_key *k,
	int64_t now_s);

/* The field in octets that hold one. */
void dkim_sign_view(struct str octets, struct header_field *out);

/* Why such a message cannot be signed: a literal; or NULL. */
const char *dkim_sign_unfit(const struct message *msg);

#endif
