#include <stdlib.h>

#include "address.h"
#include "reach.h"
#include "reply.h"

#define JITTER_STEPS 4096

bool
reach_is_dead(const struct reach *r)
{
	return r->failures >= REACH_DEAD_AFTER;
}

static bool
unreachable(struct str reply)
{
	struct reply r;
	return reply_parse(reply, &r) == 0 && str_starts(r.enhanced, STR("4.4."));
}

bool
reach_failed(struct str domain, const struct outcome *o)
{
	bool any = false;
	struct path p;
	for (size_t i = 0; o && i < o->n; i++) {
		const struct recipient *r = &o->recipients[i];
		if (path_parse(r->rcpt_to, &p) < 0 || !str_ieq(p.domain, domain))
			continue;
		if (r->status != STATUS_TEMPFAIL || !unreachable(r->reply))
			return false;
		any = true;
	}
	return any;
}

static int64_t
about(int64_t wait)
{
	return wait +
	       (int64_t)((double)wait * (arc4random_uniform(JITTER_STEPS) - JITTER_STEPS / 2.) /
			 (JITTER_STEPS * 2.5));
}

void
reach_note(struct reach *r, bool failed, const struct schedule *s, int64_t now)
{
	if (!failed) {
		*r = (struct reach){0};
		return;
	}
	r->failures += r->failures < REACH_DEAD_AFTER;
	if (!reach_is_dead(r) || now < r->probe_at)
		return;
	r->wait = r->wait ? r->wait * 2 : s->retry_min;
	if (r->wait > s->retry_max)
		r->wait = s->retry_max;
	r->probe_at = now + about(r->wait);
}

/* A little after it, not all at once. */
int64_t
reach_after_probe(const struct reach *r)
{
	return r->probe_at + 1 +
	       (int64_t)arc4random_uniform((uint32_t)(r->wait / 5 % UINT32_MAX + 1));
}
