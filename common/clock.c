#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"

static int64_t
read_clock(clockid_t which)
{
	struct timespec ts;
	clock_gettime(which, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_now_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
clock_mono_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* Returns the milliseconds within the second, also before 1970. */
static int
split_utc(int64_t ms, struct tm *tm)
{
	int rest = (int)(ms % 1000);
	if (rest < 0)
		rest += 1000;
	time_t seconds = (time_t)((ms - rest) / 1000);
	gmtime_r(&seconds, tm);
	return rest;
}

char *
clock_rfc3339(int64_t ms, char out[CLOCK_RFC3339_SIZE])
{
	struct tm tm;
	int rest = split_utc(ms, &tm);
	size_t n = (size_t)snprintf(out, CLOCK_RFC3339_SIZE, "%04d", tm.tm_year + 1900);
	n += strftime(out + n, CLOCK_RFC3339_SIZE - n, "-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out + n, CLOCK_RFC3339_SIZE - n, ".%03dZ", rest);
	return out;
}

/* strftime's %a and %b follow the locale; RFC 5322 section 3.3 wants English. */
char *
clock_rfc5322(int64_t ms, char out[CLOCK_RFC5322_SIZE])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm;
	split_utc(ms, &tm);
	(void)snprintf(out, CLOCK_RFC5322_SIZE, "%.3s, %d %.3s %d %02d:%02d:%02d +0000",
		days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900,
		tm.tm_hour, tm.tm_min, tm.tm_sec);
	return out;
}

/* Reads exactly `width` digits. */
static int
digits(struct str *s, size_t width, int min, int max, int *out)
{
	int v = 0;
	if (s->n < width)
		return -1;
	for (size_t i = 0; i < width; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return -1;
		v = v * 10 + (s->p[i] - '0');
	}
	*s = str_skip(*s, width);
	*out = v;
	return v < min || v > max ? -1 : 0;
}

static int
literal(struct str *s, char c)
{
	if (s->n == 0 || ascii_lower(s->p[0]) != ascii_lower(c))
		return -1;
	*s = str_skip(*s, 1);
	return 0;
}

static int
parse_fraction(struct str *s, int *ms)
{
	int scale = 100;
	*ms = 0;
	if (literal(s, '.') < 0)
		return 0;
	if (s->n == 0 || s->p[0] < '0' || s->p[0] > '9')
		return -1;
	for (; s->n && s->p[0] >= '0' && s->p[0] <= '9'; *s = str_skip(*s, 1), scale /= 10)
		*ms += (s->p[0] - '0') * scale;
	return 0;
}

static int
parse_zone(struct str *s, int *offset_minutes)
{
	int hours, minutes;
	*offset_minutes = 0;
	if (s->n == 0 || literal(s, 'Z') == 0)
		return 0;
	bool west = s->p[0] == '-';
	if (literal(s, '+') < 0 && literal(s, '-') < 0)
		return -1;
	if (digits(s, 2, 0, 23, &hours) < 0 || literal(s, ':') < 0 ||
		digits(s, 2, 0, 59, &minutes) < 0)
		return -1;
	*offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
	return 0;
}

static int
parse_time_of_day(struct str *s, struct tm *tm, int *ms, int *offset)
{
	if (digits(s, 2, 0, 23, &tm->tm_hour) < 0 || literal(s, ':') < 0 ||
		digits(s, 2, 0, 59, &tm->tm_min) < 0)
		return -1;
	if (literal(s, ':') == 0 &&
		(digits(s, 2, 0, 60, &tm->tm_sec) < 0 || parse_fraction(s, ms) < 0))
		return -1;
	return parse_zone(s, offset);
}

int
clock_parse_rfc3339(struct str s, int64_t *out)
{
	struct tm tm = {0};
	int year, month, ms = 0, offset = 0;
	if (digits(&s, 4, 1, 9999, &year) < 0 || literal(&s, '-') < 0 ||
		digits(&s, 2, 1, 12, &month) < 0 || literal(&s, '-') < 0 ||
		digits(&s, 2, 1, 31, &tm.tm_mday) < 0)
		return -1;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	if (s.n && ((literal(&s, 'T') < 0 && literal(&s, ' ') < 0) ||
			   parse_time_of_day(&s, &tm, &ms, &offset) < 0))
		return -1;
	int day = tm.tm_mday, seconds = tm.tm_sec; /* 60 in a leap second */
	tm.tm_sec = 0;
	time_t t = timegm(&tm);
	if (s.n || tm.tm_mday != day) /* "2026-02-30" */
		return -1;
	*out = ((int64_t)t + seconds - offset * 60) * 1000 + ms;
	return 0;
}
