#include "../../../cmd/mm-queue/schedule.h"
#include "tap.h"

static bool
within(const struct schedule *s, unsigned attempts, int64_t wait)
{
	bool good = true, varies = false;
	int64_t first = schedule_next(s, attempts, 0, 1000);
	for (int i = 0; i < 1000; i++) {
		int64_t got = schedule_next(s, attempts, 0, 1000);
		good = good && got >= 1000 + wait * 8 / 10 - 1 && got <= 1000 + wait * 12 / 10;
		varies = varies || got != first;
	}
	return good && varies;
}

int
main(void)
{
	struct schedule s = {300000, 4000000, 432000000};
	ok(within(&s, 1, 300000), "the first wait, a fifth more or less");
	ok(within(&s, 2, 600000), "twice that");
	ok(within(&s, 4, 2400000), "eight times");
	ok(within(&s, 5, 4000000), "no longer than the longest");
	ok(within(&s, 4000000000u, 4000000), "after however many attempts");
	is_int(schedule_next(&s, 9, 0, 431999999), 432000000,
		"the last when the lifetime ends");
	ok(schedule_next(&s, 9, 0, 432000001) > 432000001, "never in the past");
	ok(!schedule_expired(&s, 5, 432000004), "alive");
	ok(schedule_expired(&s, 5, 432000005), "expired");
	s = (struct schedule){INT64_MAX, INT64_MAX, 10, 0};
	schedule_scale(&s, 1000);
	is_int(s.delay_warning, 0, "no warning stays none");
	ok(s.lifetime == 1 && s.retry_min == INT64_MAX / 1000, "scaled, never to nothing");
	s = (struct schedule){4000000, 300000, 432000000};
	ok(within(&s, 1, 300000), "a shortest above the longest");
	return done();
}
