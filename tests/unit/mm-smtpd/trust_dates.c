#include "trust_dates.h"

#include "tap.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static bool
doubtful(int64_t from_days, int64_t until_days)
{
	const int64_t now = INT64_C(1800000000000);
	struct trust_date d = {
		.from_ms = now + from_days * DAY_MS, .until_ms = now + until_days * DAY_MS};
	return trust_date_doubtful(&d, now);
}

static void
dates(void)
{
	ok(!doubtful(-1, 91), "91 days left");
	ok(!doubtful(-1, 90), "90 days left");
	ok(doubtful(-1, 89), "89 days left");
	ok(doubtful(-10, -1), "expired");
	ok(doubtful(1, 1000), "not valid yet");
	struct trust_date without_end = {.from_ms = 0, .until_ms = INT64_MAX};
	ok(!trust_date_doubtful(&without_end, 1), "without an end");
}

static void
contexts(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	struct trust_dates t = {0};
	ok(!trust_dates_of(NULL) && !trust_dates_of(ctx), "a context without any");
	trust_dates_add(&t, NULL);
	ok(t.n == 0, "nothing adds nothing");
	ok(trust_dates_attach(ctx, &t) == 0 && trust_dates_of(ctx), "a context carries them");
	SSL_CTX_free(ctx);
}

int
main(void)
{
	dates();
	contexts();
	return done();
}
