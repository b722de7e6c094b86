#include <time.h>

#include "retention.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))

const struct retention retention_default = {.days = 180};

static const struct {
	const char *word;
	int months;
} periods[] = {
	{"THREE_MONTHS", 3},
	{"SIX_MONTHS", 6},
	{"NINE_MONTHS", 9},
	{"ONE_YEAR", 12},
	{"EIGHTEEN_MONTHS", 18},
	{"TWO_YEARS", 24},
	{"THIRTY_MONTHS", 30},
	{"THREE_YEARS", 36},
	{"FOUR_YEARS", 48},
	{"FIVE_YEARS", 60},
	{"SIX_YEARS", 72},
	{"SEVEN_YEARS", 84},
	{"EIGHT_YEARS", 96},
	{"NINE_YEARS", 108},
	{"TEN_YEARS", 120},
	{"PERMANENT", 0},
};

#define COUNT (sizeof(periods) / sizeof(periods[0]))

int
retention_parse(struct str word, struct retention *out)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (!str_eq(word, str_of(periods[i].word)))
			continue;
		*out = (struct retention){.months = periods[i].months};
		return 0;
	}
	return -1;
}

const char *
retention_words(void)
{
	return "THREE_MONTHS, SIX_MONTHS, NINE_MONTHS, ONE_YEAR, EIGHTEEN_MONTHS, TWO_YEARS, "
	       "THIRTY_MONTHS, THREE_YEARS to TEN_YEARS or PERMANENT";
}

const char *
retention_word(const struct retention *r)
{
	if (r->days)
		return "180_DAYS";
	for (size_t i = 0; i < COUNT; i++)
		if (periods[i].months == r->months)
			return periods[i].word;
	return "PERMANENT";
}

static int64_t
months_before(int64_t now, int months)
{
	int64_t ms = now % 1000;
	time_t seconds = (time_t)(now / 1000);
	struct tm tm, check;
	gmtime_r(&seconds, &tm);
	tm.tm_mon -= months;
	struct tm first = tm; /* of the month after the wanted one */
	check = tm;
	int64_t same_day = (int64_t)timegm(&check) * 1000 + ms;
	if (check.tm_mday == tm.tm_mday)
		return same_day;
	first.tm_mon++;
	first.tm_mday = 1;
	first.tm_hour = first.tm_min = first.tm_sec = 0;
	return (int64_t)timegm(&first) * 1000 - 1;
}

int64_t
retention_cutoff(const struct retention *r, int64_t now)
{
	if (r->days)
		return now - r->days * DAY_MS;
	return r->months ? months_before(now, r->months) : INT64_MIN;
}
