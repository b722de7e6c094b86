#include "pace.h"
#include "tap.h"

static void
parse(const char *text, int64_t expected)
{
	int64_t gap = -1;
	int rc = pace_parse(str_of(text), &gap);
	ok(expected < 0 ? rc < 0 : rc == 0 && gap == expected, "\"%s\"", text);
}

static void
spacing(void)
{
	struct pace p = {.gap_us = 100000}, none = {0};
	int64_t now = 5000000;
	ok(pace_wait(&none, now) == 0, "no limit");
	ok(pace_wait(&p, now) == 0, "the first at once");
	pace_take(&p, now);
	ok(pace_wait(&p, now) == 100000, "the second a while later");
	pace_take(&p, now + 130000);
	ok(pace_wait(&p, now + 130000) == 70000, "a late one is made up for");
	pace_take(&p, now + 9000000);
	ok(pace_wait(&p, now + 9000000) == 100000, "a rest is not");
}

static void
fast(void)
{
	struct pace p = {.gap_us = 100};
	int sent = 0;
	for (int64_t now = 1000000; now < 2000000; now += 5000)
		while (pace_wait(&p, now) == 0) {
			pace_take(&p, now);
			sent++;
		}
	ok(sent > 9900 && sent < 10100, "10000 in a second, by turns of 5 ms: %d", sent);
}

int
main(void)
{
	parse("10/s", 100000);
	parse("600/m", 100000);
	parse("1/h", INT64_C(3600000000));
	parse("1000000/s", 1);
	parse("0/s", -1);
	parse("1000001/s", -1);
	parse("10", -1);
	parse("10/", -1);
	parse("/s", -1);
	parse("10/d", -1);
	parse("-1/s", -1);
	parse("10/s ", -1);
	parse("1.5/s", -1);
	spacing();
	fast();
	return done();
}
