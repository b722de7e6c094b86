/* dkim_signature.h: one DKIM-Signature field (RFC 6376 section 3.5), or one of the two
 * fields of ARC that are like it (RFC 8617 section 4.1). */
#ifndef MM_VERDICT_DKIM_SIGNATURE_H
#define MM_VERDICT_DKIM_SIGNATURE_H

#include <stdint.h>

#include "dkim_canon.h"
#include "dkim_key.h"
#include "message.h"
#include "result.h"

#define DKIM_MAX_NAMES 500 /* in h= */

enum dkim_kind { DKIM_SIGNATURE, ARC_MESSAGE_SIGNATURE, ARC_SEAL };

struct dkim_signature {
	const struct header_field *field;
	enum dkim_kind kind;
	char *domain, *selector;    /* d=, s=; NULL where they are no domain names */
	char *key_name;             /* s._domainkey.d */
	struct str signed_fields;   /* h= */
	char mark[9];               /* the beginning of b=, for header.b of RFC 6008 */
	bool identity_is_subdomain; /* i= names a subdomain of d= */
	enum dkim_algorithm algorithm;
	enum dkim_canon header_canon, body_canon; /* c= */
	bool limited;                             /* by l= */
	uint64_t length;
	struct buf body_hash, signature; /* bh=, b=: what they encode */
	struct dkim_key key;

	bool well_formed; /* fit to be shown to a library */
	bool decided;     /* no engine need look at it */
	enum auth_result result;
	char reason[128]; /* empty where there is nothing to say */
};

/* Reads the field; a fault decides the signature. */
void dkim_signature_parse(struct dkim_signature *s, enum dkim_kind kind,
	const struct header_field *field, int64_t now_s);

/* Takes the key of the answer about key_name, or decides. */
void dkim_signature_take_key(struct dkim_signature *s, const struct answer *a);

void dkim_signature_decide(struct dkim_signature *s, enum auth_result result, const char *fmt,
	...) __attribute__((format(printf, 3, 4)));
void dkim_signature_release(struct dkim_signature *s);

#endif
