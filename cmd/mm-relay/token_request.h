/* token_request.h: what is posted to a token endpoint (RFC 6749 sections 4.4.2 and 6,
 * RFC 7523 section 2.1), in application/x-www-form-urlencoded. */
#ifndef MM_TOKEN_REQUEST_H
#define MM_TOKEN_REQUEST_H

#include "buf.h"
#include "token_grant.h"

/* Appends it; what it is put together from is wiped.  The client's id and secret are in it
 * (section 2.3.1).  0, or -1 when the private key does not sign. */
int token_request_make(struct buf *out, const struct token_grant *g, int64_t now_s);

/* Is anything secret of that request in the text, which the endpoint wrote? */
bool token_request_betrayed(const struct token_grant *g, const char *request, const char *text);

#endif
