#include "doubt.h"

void
doubt_init(struct doubt *d, size_t window)
{
	*d = (struct doubt){.trust = window};
}

void
doubt_answered(struct doubt *d, size_t window)
{
	d->worked = true;
	if (d->trust < window)
		d->trust++;
}

bool
doubt_unable(struct doubt *d, size_t in_flight, int64_t seq)
{
	bool alone = in_flight == 1, blamed = alone && d->worked;
	if (in_flight < d->trust)
		d->trust = in_flight;
	d->trust = d->trust > 1 ? d->trust / 2 : 1;
	d->worked = d->worked && !alone;
	if (alone && !blamed && d->n < DOUBT_MAX)
		d->had_turn[d->n++] = seq;
	return blamed;
}

bool
doubt_waits(const struct doubt *d, int64_t seq)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->had_turn[i] == seq)
			return true;
	return false;
}

int64_t
doubt_next_round(struct doubt *d)
{
	int64_t lowest = INT64_MAX;
	for (size_t i = 0; i < d->n; i++)
		if (d->had_turn[i] < lowest)
			lowest = d->had_turn[i];
	d->n = 0;
	return lowest;
}
