#include "../../../cmd/mm-queue/doubt.h"
#include "tap.h"

int
main(void)
{
	struct doubt d;
	doubt_init(&d, 100);
	is_int((long long)d.trust, 100, "the whole window");
	ok(!doubt_unable(&d, 80, 7), "nobody is blamed among many");
	is_int((long long)d.trust, 40, "half of what it had");
	doubt_answered(&d, 100);
	is_int((long long)d.trust, 41, "one more for an answer");
	ok(doubt_unable(&d, 1, 7), "alone, and it had worked");
	is_int((long long)d.trust, 1, "never none");
	ok(!doubt_waits(&d, 7), "who is blamed is deferred");
	ok(!doubt_unable(&d, 1, 8), "it did nothing since");
	ok(doubt_waits(&d, 8) && !doubt_waits(&d, 9), "the others' turn");
	doubt_unable(&d, 1, 5);
	is_int(doubt_next_round(&d), 5, "the next round begins with the lowest");
	ok(!doubt_waits(&d, 8), "all have a turn");
	is_int(doubt_next_round(&d), INT64_MAX, "nobody waits");
	for (int64_t seq = 1; seq < 1000; seq++)
		doubt_unable(&d, 1, seq);
	is_int((long long)d.n, DOUBT_MAX, "so many at most");
	for (int i = 0; i < 1000; i++)
		doubt_answered(&d, 100);
	is_int((long long)d.trust, 100, "no more than the window");
	return done();
}
