/* token_assertion.h: the assertion of RFC 7523: a JSON Web Token (RFC 7519), signed by
 * RS256. */
#ifndef MM_TOKEN_ASSERTION_H
#define MM_TOKEN_ASSERTION_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

/* Is it, as PEM, an RSA key of 2048 to 8192 bits? */
bool token_assertion_key_fine(const char *pem);

/* NULL: the token does not say it. */
struct token_claims {
	const char *issuer, *subject, *audience;
	const char *scope; /* not of the RFC: Google's */
	int64_t issued_s;  /* since 1970 */
	int64_t lifetime_s;
};

/* Appends it, signed; key_id names the key, or is NULL.  0, or -1 when the key is of no
 * use. */
int token_assertion_make(struct buf *out, const struct token_claims *claims, const char *pem,
	const char *key_id);

#endif
