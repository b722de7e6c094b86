/* token_grant.h: how a secret gets access tokens from a token endpoint: by a refresh token
 * (RFC 6749 section 6), as the client itself (section 4.4), or by an assertion that is
 * signed with a private key (RFC 7523). */
#ifndef MM_TOKEN_GRANT_H
#define MM_TOKEN_GRANT_H

#include "json.h"

enum token_grant_kind { GRANT_CLIENT_CREDENTIALS, GRANT_REFRESH_TOKEN, GRANT_JWT_BEARER };

/* Strings are owned; NULL where the secret has none.  {0} is no grant. */
struct token_grant {
	enum token_grant_kind kind;
	char *file;     /* of the secret, for messages */
	char *endpoint; /* the URL: https, or http to localhost or its addresses */
	char *host;     /* of it, without brackets */
	int port;
	char *client_id, *client_secret, *scope;
	char *refresh_token;
	char *issuer, *subject, *audience; /* of the assertion; the subject is the user's */
	char *private_key, *key_id;        /* PEM: RSA */
};

/* Does a secret have a member that is for a grant? */
bool token_grant_meant(const json_t *secret);

/* Reads it from a secret that is well formed.  0, or -1 with problems added, none of which
 * has a value of the secret in it; *g is then {0}. */
int token_grant_read(struct token_grant *g, const struct json_doc *secret, struct problems *ps);

bool token_grant_equal(const struct token_grant *a, const struct token_grant *b);
void token_grant_copy(struct token_grant *to, const struct token_grant *from);

/* Wipes it too. */
void token_grant_release(struct token_grant *g);

#endif
