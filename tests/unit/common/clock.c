#include <inttypes.h>

#include "clock.h"
#include "tap.h"

static void
written(int64_t ms, const char *rfc3339, const char *rfc5322)
{
	char a[CLOCK_RFC3339_SIZE], b[CLOCK_RFC5322_SIZE];
	is_str(clock_rfc3339(ms, a), rfc3339, rfc3339);
	is_str(clock_rfc5322(ms, b), rfc5322, rfc5322);
}

static void
reads(const char *text, int64_t expected)
{
	int64_t ms = -1;
	int rc = clock_parse_rfc3339(str_of(text), &ms);
	if (!ok(rc == 0 && ms == expected, "reads \"%s\"", text))
		printf("# got %d, %" PRId64 "\n", rc, ms);
}

static void
refuses(const char *text)
{
	int64_t ms = 5;
	ok(clock_parse_rfc3339(str_of(text), &ms) == -1 && ms == 5, "refuses \"%s\"", text);
}

int
main(void)
{
	written(1795341600123, "2026-11-22T10:00:00.123Z", "Sun, 22 Nov 2026 10:00:00 +0000");
	written(0, "1970-01-01T00:00:00.000Z", "Thu, 1 Jan 1970 00:00:00 +0000");
	written(-1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 +0000");
	written(951782400000, "2000-02-29T00:00:00.000Z", "Tue, 29 Feb 2000 00:00:00 +0000");
	reads("2026-11-22T10:00:00.123Z", 1795341600123);
	reads("2026-11-22t10:00:00.123456789z", 1795341600123);
	reads("2026-11-22 10:00:00", 1795341600000);
	reads("2026-11-22T10:00", 1795341600000);
	reads("2026-11-22T12:30:00+02:30", 1795341600000);
	reads("2026-11-22T05:00:00.5-05:00", 1795341600500);
	reads("2026-11-22", 1795305600000);
	reads("2016-12-31T23:59:60Z", 1483228800000);
	reads("0001-01-01", -62135596800000);
	reads("9999-12-31T23:59:59.999Z", 253402300799999);
	refuses("");
	refuses("2026-11-22T");
	refuses("2026-11-22T10");
	refuses("2026-11-22T10:00.5");
	refuses("2026-11-22T24:00:00Z");
	refuses("2026-11-22T10:60:00Z");
	refuses("2026-11-22T10:00:61Z");
	refuses("2026-11-22T10:00:00.Z");
	refuses("2026-11-22T10:00:00+0200");
	refuses("2026-11-22T10:00:00Zx");
	refuses("2026-02-29");
	refuses("2026-13-01");
	refuses("2026-00-01");
	refuses("0000-01-01");
	refuses("26-11-22");
	refuses("2026-11-22Z");
	ok(clock_now_ms() > 1700000000000, "now is after 2023");
	int64_t before = clock_mono_ms();
	ok(clock_mono_ms() >= before, "the monotonic clock does not go back");
	return done();
}
