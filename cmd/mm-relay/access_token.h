/* access_token.h: an access token of OAuth that several sessions use. */
#ifndef MM_ACCESS_TOKEN_H
#define MM_ACCESS_TOKEN_H

#include <stdbool.h>

#include "str.h"

struct access_token {
	char *text;
	bool accepted; /* a server took it */
	unsigned refs; /* private */
};

/* Each reference is given back by access_token_unref(), which wipes at the last. */
struct access_token *access_token_new(struct str text);
struct access_token *access_token_ref(struct access_token *t);
void access_token_unref(struct access_token *t); /* NULL is allowed */

#endif
