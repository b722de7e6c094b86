/* week.h: times of the week in a time zone: weekdays, and from when until when. */
#ifndef MM_WEEK_H
#define MM_WEEK_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

#define WEEK_MINUTES (7 * 24 * 60)
#define WEEK_WORDS ((WEEK_MINUTES + 63) / 64)

/* The minutes of a week, from Monday 00:00, a bit each. */
struct week {
	uint64_t bits[WEEK_WORDS];
};

/* Adds from..until (minutes of a day, until not included) on day 0 (Monday) to 6.
 * until <= from: over midnight, into the next day. */
void week_add(struct week *w, int day, int from, int until);
bool week_has(const struct week *w, int minute);

bool week_within(const struct week *a, const struct week *b); /* all of a is in b */
bool week_apart(const struct week *a, const struct week *b);
bool week_cover(const struct week *a, const struct week *b); /* both are the whole week */

/* "09:30", "24:00" for the end of the day: minutes of the day; -1 when it is none. */
int week_minute_of_day(struct str text);

struct zone;

/* A zone of the tz database ("Europe/Berlin", "UTC"); NULL when there is none of
 * that name. */
struct zone *zone_open(const char *name);
void zone_close(struct zone *z); /* NULL is allowed */

/* The minute of the week there at a time (ms since 1970). */
int zone_minute(struct zone *z, int64_t ms);

#endif
