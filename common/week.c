#include <glib.h>
#include <stdlib.h>

#include "mem.h"
#include "num.h"
#include "week.h"

#define DAY_MINUTES (24 * 60)

static void
add_minutes(struct week *w, int from, int until)
{
	for (int m = from; m < until; m++) {
		int minute = m % WEEK_MINUTES;
		w->bits[minute / 64] |= UINT64_C(1) << (minute % 64);
	}
}

void
week_add(struct week *w, int day, int from, int until)
{
	int start = day * DAY_MINUTES;
	add_minutes(w, start + from, start + (until <= from ? DAY_MINUTES : 0) + until);
}

bool
week_has(const struct week *w, int minute)
{
	return w->bits[minute / 64] >> (minute % 64) & 1;
}

bool
week_within(const struct week *a, const struct week *b)
{
	for (size_t i = 0; i < WEEK_WORDS; i++)
		if (a->bits[i] & ~b->bits[i])
			return false;
	return true;
}

bool
week_apart(const struct week *a, const struct week *b)
{
	for (size_t i = 0; i < WEEK_WORDS; i++)
		if (a->bits[i] & b->bits[i])
			return false;
	return true;
}

bool
week_cover(const struct week *a, const struct week *b)
{
	for (int m = 0; m < WEEK_MINUTES; m++)
		if (!week_has(a, m) && !week_has(b, m))
			return false;
	return true;
}

int
week_minute_of_day(struct str text)
{
	struct str minutes = text, hours = str_cut(&minutes, ':');
	int h, m;
	if (hours.n != 2 || minutes.n != 2 || num_int(hours, 0, 24, &h) < 0 ||
		num_int(minutes, 0, 59, &m) < 0 || (h == 24 && m > 0))
		return -1;
	return h * 60 + m;
}

struct zone {
	GTimeZone *tz;
};

struct zone *
zone_open(const char *name)
{
	GTimeZone *tz = g_time_zone_new_identifier(name);
	if (!tz)
		return NULL;
	struct zone *z = xcalloc(1, sizeof(*z));
	z->tz = tz;
	return z;
}

void
zone_close(struct zone *z)
{
	if (!z)
		return;
	g_time_zone_unref(z->tz);
	free(z);
}

int
zone_minute(struct zone *z, int64_t ms)
{
	gint64 seconds = ms / 1000 - (ms % 1000 < 0);
	gint i = g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, seconds);
	seconds += g_time_zone_get_offset(z->tz, i);
	/* 1970 began on a Thursday */
	int64_t week = WEEK_MINUTES * 60, of_week = (seconds + 3 * DAY_MINUTES * 60) % week;
	return (int)((of_week < 0 ? of_week + week : of_week) / 60);
}
