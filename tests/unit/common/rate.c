#include <stdio.h>

#include "rate.h"
#include "tap.h"

static uint32_t
count(struct rate *r, const char *key, const char *id, int64_t seconds)
{
	return rate_count(r, str_of(key), str_of(id), seconds * 1000);
}

static void
window(void)
{
	struct rate *r = rate_new(2, 10000);
	ok(count(r, "a", "1", 100) == 1, "the first");
	ok(count(r, "a", "1", 100) == 1, "the same message again");
	ok(count(r, "b", "1", 100) == 1, "another key");
	ok(count(r, "a", "2", 105) == 2, "the second");
	ok(count(r, "a", "3", 109) == 3, "more than asked for");
	ok(count(r, "a", "4", 109) == 3, "and no more than one more");
	ok(count(r, "a", "5", 116) == 3, "the ring holds the latest");
	ok(count(r, "a", "6", 130) == 1, "the window has passed");
	ok(count(r, "a", "7", 127) == 1, "what comes later does not count");
	ok(rate_count(r, STR_NONE, STR("1"), 0) == 1, "an empty key is one");
	rate_free(r);
	rate_free(NULL);
}

static void
bounds(void)
{
	struct rate *r = rate_new(RATE_MAX_COUNT, 1000000);
	char key[16], id[16];
	for (int i = 0; i <= RATE_MAX_KEYS; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		(void)count(r, key, "1", 1);
	}
	ok(count(r, "k0", "2", 2) == 1, "the quietest key is forgotten");
	snprintf(key, sizeof(key), "k%d", RATE_MAX_KEYS);
	ok(count(r, key, "2", 2) == 2, "the latest is not");
	for (int i = 0; i < RATE_MAX_COUNT + 5; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		(void)count(r, "busy", id, 3);
	}
	ok(count(r, "busy", "x", 3) == RATE_MAX_COUNT + 1, "as many as can be asked for");
	rate_free(r);
}

int
main(void)
{
	window();
	bounds();
	return done();
}
