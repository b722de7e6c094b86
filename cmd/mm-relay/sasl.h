/* sasl.h: the client's side of SASL PLAIN (RFC 4616), and of OAUTHBEARER (RFC 7628) and
 * XOAUTH2, which came before it; in base64. */
#ifndef MM_SASL_H
#define MM_SASL_H

#include <stdbool.h>

#include "buf.h"

#define SASL_TOKEN_MAX 8192 /* octets; RFC 4954 section 4.5.3 has 12288 for the line */

/* A user as SCRAM and OAUTHBEARER write it: a saslname (RFC 5802 section 5.1, RFC 5801
 * section 4), not in base64. */
void sasl_name(struct buf *out, const char *name);

void sasl_plain(struct buf *out, const char *user, const char *password);

/* host, port: of the server, port 0 for a socket. */
void sasl_oauthbearer(
	struct buf *out, const char *user, const char *token, const char *host, int port);
void sasl_xoauth2(struct buf *out, const char *user, const char *token);

/* What can stand in a bearer token (RFC 6750 section 2.1): is it wholly that? */
bool sasl_token_fine(struct str token);

#endif
