#include "tap.h"
#include "token_life.h"

#define MINUTE 60000

static void
test_renewal(void)
{
	struct token_life l = {0};
	ok(!token_life_good(&l, 5) && token_life_due(&l, 5), "at first one is fetched");
	token_life_fetched(&l, 3600, 0);
	ok(token_life_good(&l, 0) && !token_life_due(&l, 55 * MINUTE - 1), "it is used");
	ok(token_life_good(&l, 55 * MINUTE) && token_life_due(&l, 55 * MINUTE),
		"and while it is renewed, five minutes before it expires");
	ok(token_life_good(&l, 60 * MINUTE - 1), "until then");
	ok(!token_life_good(&l, 60 * MINUTE) && token_life_due(&l, 60 * MINUTE),
		"but no longer");
	token_life_fetched(&l, 100, 0);
	ok(!token_life_due(&l, 89999) && token_life_due(&l, 90000),
		"what lives shorter is renewed when a tenth is left");
	token_life_fetched(&l, 1, 0);
	ok(token_life_good(&l, 8999) && !token_life_due(&l, 8999),
		"an endpoint is not asked every second");
}

static void
test_failure(void)
{
	static const int64_t pauses[] = {10000, 20000, 40000, 80000, 160000, 300000, 300000};
	struct token_life l = {0};
	int64_t now = 1000;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(*pauses); i++) {
		token_life_failed(&l, now);
		ok(!token_life_due(&l, now + pauses[i] - 1) &&
				token_life_due(&l, now + pauses[i]),
			"after %zu failures", i + 1);
		now += pauses[i];
	}
	token_life_fetched(&l, 3600, now);
	ok(!l.failed && l.pause_ms == 0, "a token ends that");
	token_life_failed(&l, now + 56 * MINUTE);
	ok(token_life_good(&l, now + 56 * MINUTE) && !token_life_due(&l, now + 56 * MINUTE),
		"one that is good is used though it cannot be renewed");
}

static void
test_refusal(void)
{
	struct token_life l = {0};
	token_life_fetched(&l, 3600, 1);
	ok(!token_life_refused(&l, false, 2) && token_life_good(&l, 2),
		"another would be refused too");
	ok(token_life_refused(&l, true, 3), "but one that was taken before has ended");
	ok(!token_life_good(&l, 3) && token_life_due(&l, 3), "and is not used");
	token_life_fetched(&l, 3600, 4);
	ok(!token_life_refused(&l, true, 3 + MINUTE - 1), "once a minute");
	ok(token_life_refused(&l, false, 4 + MINUTE), "or where it has been there for long");
}

int
main(void)
{
	test_renewal();
	test_failure();
	test_refusal();
	return done();
}
