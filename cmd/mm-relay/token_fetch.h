/* token_fetch.h: one access token from a token endpoint: its address by DNS, then HTTP. */
#ifndef MM_TOKEN_FETCH_H
#define MM_TOKEN_FETCH_H

#include "dns.h"
#include "http.h"
#include "token_answer.h"
#include "token_grant.h"

struct token_fetch;

/* The answer is valid during the call, and may be taken from; with its error there is none. */
typedef void token_fetched(void *arg, struct token_answer *answer);

/* done is called once, never from within.  dns may be NULL where the endpoint's host is an
 * address or localhost.  The grant stays as it is until then. */
struct token_fetch *token_fetch_start(struct ev_loop *loop, struct http *http, struct dns *dns,
	const struct token_grant *g, token_fetched *done, void *arg);

/* done will not be called. */
void token_fetch_cancel(struct token_fetch *f);

#endif
