/* token_life.h: until when a token is good, when it is renewed, and when an endpoint that
 * failed is asked again: points in time alone, monotonic, in milliseconds. */
#ifndef MM_TOKEN_LIFE_H
#define MM_TOKEN_LIFE_H

#include <stdbool.h>
#include <stdint.h>

/* {0}: there never was a token. */
struct token_life {
	bool there, refused, failed; /* failed: since the last token */
	int64_t fetched_ms, renew_ms, expires_ms;
	int64_t again_ms, pause_ms; /* after a failure */
	int64_t refused_ms;         /* the last time; 0: never */
};

void token_life_fetched(struct token_life *l, int64_t lifetime_s, int64_t now);
void token_life_failed(struct token_life *l, int64_t now);

/* Is there one to be used? */
bool token_life_good(const struct token_life *l, int64_t now);

/* Is it time for another, or for the first? */
bool token_life_due(const struct token_life *l, int64_t now);

/* A server refused it.  false: another would fare no better. */
bool token_life_refused(struct token_life *l, bool accepted, int64_t now);

#endif
