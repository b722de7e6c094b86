#include <stdlib.h>

#include "schedule.h"

#define JITTER_STEPS 4096

int64_t
schedule_next(const struct schedule *s, unsigned attempts, int64_t queued, int64_t now)
{
	int64_t wait = s->retry_min;
	for (unsigned i = 1; i < attempts && wait < s->retry_max; i++)
		wait = wait <= s->retry_max / 2 ? wait * 2 : s->retry_max;
	if (wait > s->retry_max)
		wait = s->retry_max;
	wait += (int64_t)((double)wait *
			  (arc4random_uniform(JITTER_STEPS) - JITTER_STEPS / 2.) /
			  (JITTER_STEPS * 2.5));
	int64_t end = queued + s->lifetime;
	return now + wait > end && now < end ? end : now + wait;
}

bool
schedule_expired(const struct schedule *s, int64_t queued, int64_t now)
{
	return now - queued >= s->lifetime;
}

static int64_t
scaled(int64_t ms, uint64_t by)
{
	int64_t result = (int64_t)((uint64_t)ms / by);
	return result > 0 || ms == 0 ? result : 1;
}

void
schedule_scale(struct schedule *s, uint64_t by)
{
	s->retry_min = scaled(s->retry_min, by);
	s->retry_max = scaled(s->retry_max, by);
	s->lifetime = scaled(s->lifetime, by);
	s->delay_warning = scaled(s->delay_warning, by);
}
