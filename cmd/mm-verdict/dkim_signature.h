/* dkim_signature.h: one DKIM-Signature field (RFC 6376 section 3.5). */
#ifndef MM_VERDICT_DKIM_SIGNATURE_H
#define MM_VERDICT_DKIM_SIGNATURE_H

#include <stdint.h>

#include "dkim_key.h"
#include "message.h"
#include "result.h"

struct dkim_signature {
	const struct header_field *field;
	char *domain, *selector;    /* d=, s=; NULL where they are no domain names */
	char *key_name;             /* s._domainkey.d */
	struct str signed_fields;   /* h= */
	char mark[9];               /* the beginning of b=, for header.b of RFC 6008 */
	bool identity_is_subdomain; /* i= names a subdomain of d= */
	enum dkim_algorithm algorithm;
	struct dkim_key key;

	bool well_formed; /* fit to be shown to a library */
	bool decided;     /* no engine need look at it */
	enum auth_result result;
	char reason[128]; /* empty where there is nothing to say */
};

/* Reads the field; a fault decides the signature. */
void dkim_signature_parse(
	struct dkim_signature *s, const struct header_field *field, int64_t now_s);

void dkim_signature_decide(struct dkim_signature *s, enum auth_result result, const char *fmt,
	...) __attribute__((format(printf, 3, 4)));
void dkim_signature_release(struct dkim_signature *s);

#endif
