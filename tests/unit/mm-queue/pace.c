#include "../../../cmd/mm-queue/pace.h"
#include "tap.h"

static struct pace fast, slow, new;
static struct pace *const pair[] = {&fast, &slow}, *const with_new[] = {&fast, &new},
			  *const three[] = {&fast, &slow, &new}, *const one[] = {&slow};

#define FAST 1u
#define SLOW 2u
#define NEW 2u  /* in with_new */
#define ANEW 4u /* in three */

static void
start(void)
{
	fast = (struct pace){.mean = 10, .known = true, .heard = 500};
	slow = (struct pace){.mean = 4000, .known = true, .heard = 500};
	new = (struct pace){0};
}

static void
keepers(void)
{
	start();
	ok(pace_keepers(one, 1, 1000, 1000) == 1, "one alone keeps its record");
	ok(pace_keepers(one, 1, 1000, 1000000) == 1, "however long it takes");
	ok(pace_keepers(pair, 2, 1000, 1000) == SLOW, "of two the slower one does");
	ok(pace_keepers(three, 3, 1000, 1000) == (SLOW | ANEW), "or one that nobody knows");
	ok(pace_keepers(with_new, 2, 1000, 1000) == (FAST | NEW),
		"with such a one the fast one is not innocent");
	ok(pace_keepers(with_new, 2, 1000, 1044) == (FAST | NEW), "as long as it may be it");
	ok(pace_keepers(with_new, 2, 1000, 1045) == NEW, "later it is");
	ok(pace_keepers(three, 3, 1000, 1000 + 16005) == ANEW, "the slow one, too");
	slow.mean = 20;
	ok(pace_keepers(pair, 2, 1000, 1000) == (FAST | SLOW), "the same speed: both");
	slow.mean = 22;
	ok(pace_keepers(pair, 2, 1000, 1000) == SLOW, "or not any more");
	ok(pace_keepers(pair, 2, 1000, 5000) == SLOW, "both too late: still the slower one");
	slow.heard = 1001;
	ok(pace_keepers(pair, 2, 1000, 5000) == FAST, "but not if it was heard of meanwhile");
	fast.heard = 1001;
	ok(pace_keepers(pair, 2, 1000, 5000) == SLOW, "nor the other one");
}

static void
alone(void)
{
	start();
	slow = new;
	pace_learn(one, 1, true, 1000, 1400);
	ok(slow.known && !slow.bound && slow.mean == 400 && slow.heard == 1400,
		"the first time");
	pace_learn(one, 1, true, 1000, 1800);
	ok(slow.mean == 500, "the next ones weigh a quarter");
	pace_learn(one, 1, true, 1000, 1100);
	ok(slow.mean == 400, "whatever they are");
	for (int i = 0; i < 30; i++)
		pace_learn(one, 1, true, 1000, 1005);
	ok(slow.mean < 6, "it need not stay slow");
}

static void
several(void)
{
	start();
	pace_learn(pair, 2, true, 1000, 6000);
	ok(slow.mean == 4250 && slow.heard == 6000 && fast.mean == 10 && fast.heard == 500,
		"the fast one known, it is the slow one's time");
	pace_learn(pair, 2, false, 1000, 6000);
	ok(slow.mean == 4250, "unless there are others");
	pace_learn(with_new, 2, true, 1000, 1300);
	ok(new.mean == 300 && !new.bound, "or that of one that nobody knew");
	start();
	pace_learn(with_new, 2, true, 1000, 1030);
	ok(new.mean == 30 && new.bound &&new.heard == 0 && fast.mean == 10,
		"a time that may be the other's is a bound");
	pace_learn(with_new, 2, true, 1000, 1035);
	ok(new.mean == 30, "more says nothing");
	pace_learn(with_new, 2, true, 1000, 1006);
	ok(new.mean == 6 && fast.mean == 9, "less does");
	start();
	pace_learn(three, 3, true, 1000, 3000);
	ok(slow.mean == 3500 && new.mean == 2000 && new.bound, "so it is with three");
	struct pace *const alone[] = {&new};
	pace_learn(alone, 1, true, 3000, 3700);
	ok(new.mean == 700 && !new.bound, "a time of its own is better than a bound");
}

static void
changed(void)
{
	start();
	slow.mean = 10;
	pace_learn(pair, 2, true, 1000, 5000);
	ok(fast.mean == 10 && slow.mean == 10, "which one has become slow?");
	fast.heard = 1100;
	pace_learn(pair, 2, true, 1000, 5000);
	ok(fast.mean == 10 && slow.mean > 1000, "not that which was heard of meanwhile");
}

int
main(void)
{
	keepers();
	alone();
	several();
	changed();
	return done();
}
