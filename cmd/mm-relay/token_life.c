#include "token_life.h"

#define MARGIN_MS 300000     /* before it expires, if it lives that long, it is renewed */
#define MIN_LIFE_MS 10000    /* an endpoint is not asked more often */
#define FIRST_PAUSE_MS 10000 /* after a failure; twice as long after each further one */
#define MAX_PAUSE_MS 300000
#define REFUSED_EVERY_MS 60000 /* a refusal leads to another token once in that time */

void
token_life_fetched(struct token_life *l, int64_t lifetime_s, int64_t now)
{
	int64_t life = lifetime_s * 1000 < MIN_LIFE_MS ? MIN_LIFE_MS : lifetime_s * 1000;
	int64_t margin = life / 10 < MARGIN_MS ? life / 10 : MARGIN_MS;
	*l = (struct token_life){.there = true,
		.fetched_ms = now,
		.renew_ms = now + life - margin,
		.expires_ms = now + life,
		.refused_ms = l->refused_ms};
}

void
token_life_failed(struct token_life *l, int64_t now)
{
	l->failed = true;
	l->pause_ms = l->pause_ms == 0                 ? FIRST_PAUSE_MS
		      : l->pause_ms < MAX_PAUSE_MS / 2 ? 2 * l->pause_ms
						       : MAX_PAUSE_MS;
	l->again_ms = now + l->pause_ms;
}

bool
token_life_good(const struct token_life *l, int64_t now)
{
	return l->there && !l->refused && now < l->expires_ms;
}

bool
token_life_due(const struct token_life *l, int64_t now)
{
	bool fresh = l->there && !l->refused && now < l->renew_ms;
	return !fresh && !(l->failed && now < l->again_ms);
}

/* A token that was never taken is as good as the next one would be; unless it has been
 * there for long, and something has changed. */
bool
token_life_refused(struct token_life *l, bool accepted, int64_t now)
{
	bool recent = l->refused_ms && now - l->refused_ms < REFUSED_EVERY_MS;
	if (recent || (!accepted && now - l->fetched_ms < REFUSED_EVERY_MS))
		return false;
	l->refused = true;
	l->refused_ms = now;
	return true;
}
