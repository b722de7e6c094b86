#include <stdlib.h>

#include "clock.h"
#include "retention.h"
#include "tap.h"

static int64_t
at(const char *text)
{
	int64_t ms = -1;
	if (clock_parse_rfc3339(str_of(text), &ms) < 0)
		abort();
	return ms;
}

/* What retention.h promises, told the other way round: when does it expire? */
static bool
expired(int months, int64_t received, int64_t now)
{
	struct retention r = {.months = months};
	return received <= retention_cutoff(&r, now);
}

static void
boundary(int months, const char *received, const char *expires)
{
	ok(!expired(months, at(received), at(expires) - 1), "%s + %d is there before %s",
		received, months, expires);
	ok(expired(months, at(received), at(expires)), "and gone at it");
}

/* Who comes later never goes earlier, at any hour of some years. */
static void
monotone(void)
{
	int64_t hour = 3600 * 1000, last = INT64_MIN;
	struct retention r = {.months = 1};
	bool good = true;
	for (int64_t now = at("2027-01-01"); now < at("2029-03-02"); now += hour) {
		int64_t cutoff = retention_cutoff(&r, now);
		good = good && cutoff >= last && cutoff < now;
		last = cutoff;
	}
	ok(good, "the cutoff never goes back");
}

int
main(void)
{
	struct retention r;
	boundary(3, "2026-11-22T10:00:00.123Z", "2027-02-22T10:00:00.123Z");
	boundary(3, "2026-11-28T23:59:59.999Z", "2027-02-28T23:59:59.999Z");
	boundary(3, "2026-11-29T00:00:00Z", "2027-03-01T00:00:00Z");
	boundary(3, "2026-11-30T23:00:00Z", "2027-03-01T00:00:00Z");
	boundary(12, "2028-02-29T12:00:00Z", "2029-03-01T00:00:00Z");
	boundary(1, "2027-01-31T00:00:00Z", "2027-03-01T00:00:00Z");
	boundary(120, "2026-12-31T23:59:59.999Z", "2036-12-31T23:59:59.999Z");
	monotone();
	is_int(retention_parse(STR("THIRTY_MONTHS"), &r), 0, "a period");
	is_int(r.months, 30, "of thirty months");
	is_int(retention_parse(STR("PERMANENT"), &r), 0, "permanent");
	ok(retention_cutoff(&r, at("9999-01-01")) == INT64_MIN, "is for ever");
	is_int(retention_parse(STR("ELEVEN_YEARS"), &r), -1, "there is no such period");
	return done();
}
