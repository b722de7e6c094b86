#include "clock.h"
#include "tap.h"
#include "week.h"

#define AT(day, hour, minute) (((day)*24 + (hour)) * 60 + (minute))

static int
minute_in(const char *name, const char *when)
{
	struct zone *z = zone_open(name);
	int64_t ms = 0;
	if (!z || clock_parse_rfc3339(str_of(when), &ms) < 0)
		return -1;
	int minute = zone_minute(z, ms);
	zone_close(z);
	return minute;
}

static void
zones(void)
{
	ok(minute_in("UTC", "1970-01-01T00:00:00Z") == AT(3, 0, 0), "1970 began on a Thursday");
	ok(minute_in("UTC", "1969-12-28T23:59:59Z") == AT(6, 23, 59), "before 1970");
	ok(minute_in("Europe/Berlin", "2026-03-29T00:59:59Z") == AT(6, 1, 59), "winter time");
	ok(minute_in("Europe/Berlin", "2026-03-29T01:00:00Z") == AT(6, 3, 0), "summer time");
	ok(minute_in("Asia/Kolkata", "2026-11-22T20:00:00Z") == AT(0, 1, 30), "another day");
	ok(zone_open("Mars/Base") == NULL, "no such zone");
}

static void
weeks(void)
{
	struct week day = {0}, night = {0}, all = {0}, none = {0};
	week_add(&day, 6, 8 * 60, 20 * 60);
	week_add(&night, 6, 20 * 60, 8 * 60);
	for (int i = 0; i < 7; i++)
		week_add(&all, i, 0, 24 * 60);
	ok(week_has(&day, AT(6, 8, 0)) && week_has(&day, AT(6, 19, 59)), "from the first");
	ok(!week_has(&day, AT(6, 20, 0)) && !week_has(&day, AT(5, 9, 0)), "to the last");
	ok(week_has(&night, AT(6, 23, 0)) && week_has(&night, AT(0, 7, 59)), "round the week");
	ok(week_apart(&day, &night) && !week_apart(&day, &all), "apart");
	ok(week_within(&day, &all) && !week_within(&all, &day), "within");
	ok(week_cover(&all, &none) && !week_cover(&day, &night), "covering");
}

static void
times(void)
{
	ok(week_minute_of_day(STR("00:00")) == 0, "midnight");
	ok(week_minute_of_day(STR("24:00")) == 1440, "the end of the day");
	static const char *const bad[] = {"24:01", "9:30", "09:60", "0930", "", "-1:00"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(week_minute_of_day(str_of(bad[i])) < 0, "\"%s\" is none", bad[i]);
}

int
main(void)
{
	zones();
	weeks();
	times();
	return done();
}
