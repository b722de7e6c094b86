#include "pace.h"

#define LATE 4     /* times what a destination takes: then it is another that keeps it */
#define MUCH 2     /* times less: it does not matter beside the slower one */
#define WEIGHT .25 /* of a new time in the mean */

/* A clock of milliseconds cannot tell one and less apart. */
static double
takes(const struct pace *p)
{
	return p->mean + 1;
}

/* When all should have been done, one is slower than it was: not one that was heard
 * of meanwhile. */
static unsigned
suspects(struct pace *const of[], size_t n, int64_t since, int64_t now)
{
	unsigned in_time = 0, unheard = 0, all = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned bit = 1u << i;
		all |= bit;
		if (!of[i]->known || (double)(now - since) <= takes(of[i]) * LATE)
			in_time |= bit;
		if (of[i]->heard <= since)
			unheard |= bit;
	}
	return in_time ? in_time : unheard ? unheard : all;
}

unsigned
pace_keepers(struct pace *const of[], size_t n, int64_t since, int64_t now)
{
	unsigned may = suspects(of, n, since, now), keepers = 0;
	double slowest = 0;
	for (size_t i = 0; i < n; i++)
		if (may >> i & 1 && of[i]->known && takes(of[i]) > slowest)
			slowest = takes(of[i]);
	for (size_t i = 0; i < n; i++)
		if (may >> i & 1 && (!of[i]->known || takes(of[i]) * MUCH >= slowest))
			keepers |= 1u << i;
	return keepers;
}

static void
learn_time(struct pace *p, double took, int64_t now)
{
	p->mean = p->known && !p->bound ? p->mean + (took - p->mean) * WEIGHT : took;
	p->known = true;
	p->bound = false;
	p->heard = now;
}

static void
learn_bound(struct pace *p, double took)
{
	if (!p->known) {
		p->mean = took;
		p->known = p->bound = true;
	} else if (took < p->mean) {
		p->mean = p->bound ? took : p->mean + (took - p->mean) * WEIGHT;
	}
}

void
pace_learn(struct pace *const of[], size_t n, bool all, int64_t since, int64_t now)
{
	unsigned may = suspects(of, n, since, now);
	bool one = all && (may & (may - 1)) == 0;
	for (size_t i = 0; i < n; i++)
		if (may >> i & 1) {
			if (one)
				learn_time(of[i], (double)(now - since), now);
			else
				learn_bound(of[i], (double)(now - since));
		}
}
