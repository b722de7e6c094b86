/* token_answer.h: what a token endpoint answers (RFC 6749 sections 5.1 and 5.2). */
#ifndef MM_TOKEN_ANSWER_H
#define MM_TOKEN_ANSWER_H

#include <stdint.h>

#include "buf.h"

#define TOKEN_ANSWER_MAX 65536    /* octets */
#define TOKEN_ANSWER_DEPTH 16     /* objects and lists within each other */
#define TOKEN_ERROR_MAX 300       /* octets of what went wrong */
#define TOKEN_LIFETIME_MAX 86400  /* seconds; a longer one is cut to it */
#define TOKEN_LIFETIME_UNSAID 300 /* where expires_in is missing */

struct token_answer {
	char *access_token;  /* owned; what can stand in a bearer token, RFC 6750 */
	char *refresh_token; /* owned; a new one, or NULL */
	int64_t lifetime_s;
	char *error; /* owned; why there is no token: whatever the endpoint wrote */
};

/* 0, or -1 with the error alone.  The error has none of the body's tokens in it. */
int token_answer_read(struct token_answer *a, long status, struct str body);

/* An error as it may be shown: printable ASCII, cut. */
void token_error_text(char out[TOKEN_ERROR_MAX + 1], const char *error);

/* Wipes it too. */
void token_answer_release(struct token_answer *a);

#endif
