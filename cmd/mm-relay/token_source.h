/* token_source.h: access tokens for the sessions of a relay: fetched when one is wanted,
 * once for all who wait, kept for as long as they are good. */
#ifndef MM_TOKEN_SOURCE_H
#define MM_TOKEN_SOURCE_H

#include "access_token.h"
#include "dns.h"
#include "token_grant.h"

/* The sources of a process: one for each secret, whose state outlives a relay that is read
 * again. */
struct token_sources;
struct token_source;

struct token_sources *token_sources_new(struct ev_loop *loop);
void token_sources_free(struct token_sources *all); /* its sources have gone */

/* The source of this grant, for token_source_unref().  dns may be NULL where the
 * endpoint's host is an address.  NULL after an error was logged. */
struct token_source *token_source_of(
	struct token_sources *all, struct dns *dns, const struct token_grant *g);
void token_source_unref(struct token_source *s); /* NULL is allowed */

enum token_state {
	TOKEN_READY,
	TOKEN_FAILED, /* a moment ago: it is not asked again yet */
	TOKEN_WANTED, /* has to be fetched, or is being fetched */
};

/* One that is READY, but old, is being renewed from then on. */
enum token_state token_source_state(struct token_source *s);

/* One who waits; the memory is the waiter's.  {0} does not wait. */
struct token_wait {
	void (*over)(void *arg); /* the state has changed; never from within */
	void *arg;
	bool waiting;
	uint64_t turn; /* private */
	struct token_wait *prev, *next;
};

/* Fetches one if none is being fetched. */
void token_source_wait(struct token_source *s, struct token_wait *w);
void token_source_cancel(struct token_source *s, struct token_wait *w);

/* The newest that there is, also when it is not READY; not a new reference.  NULL: none. */
struct access_token *token_source_current(const struct token_source *s);

/* A server refused it, saying that.  Is it worth while to wait for another, and to try
 * again? */
bool token_source_refused(
	struct token_source *s, const struct access_token *t, const char *reply);

#endif
