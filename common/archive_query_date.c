#include <string.h>

#include "clock.h"
#include "mail_archive.h"
#include "num.h"
#include "archive_query.h"
#include "archive_query_date.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

#define WEEK_DAYS 7
#define YEAR_DAYS 365

/* What num_duration() does not know, as it is no time to wait: 2w, 3y. */
static int
long_ago(struct str s, int64_t *ms)
{
	int days = s.p[s.n - 1] == 'w' ? WEEK_DAYS : s.p[s.n - 1] == 'y' ? YEAR_DAYS : 0, n;
	if (!days || num_int(str_n(s.p, s.n - 1), 0, 9999, &n) < 0)
		return -1;
	*ms = n * days * DAY_MS;
	return 0;
}

static int
ago(struct str s, int64_t now, int64_t *first, int64_t *last)
{
	int64_t ms;
	if (now == QUERY_NO_NOW || s.n < 2 || s.p[s.n - 1] < 'a' ||
		(num_duration(s, &ms) < 0 && long_ago(s, &ms) < 0))
		return -1;
	*first = *last = now - ms;
	return 0;
}

static int
this_day(struct str s, int64_t now, int64_t *first, int64_t *last)
{
	bool yesterday = str_ieq(s, STR("yesterday"));
	if (now == QUERY_NO_NOW || (!yesterday && !str_ieq(s, STR("today"))))
		return -1;
	*first = now - now % DAY_MS - (yesterday ? DAY_MS : 0);
	*last = *first + DAY_MS - 1;
	return 0;
}

/* 2026/11/22 */
static struct str
without_slashes(struct str s, char space[10])
{
	if (s.n > 10 || s.n == 0)
		return s;
	for (size_t i = 0; i < s.n; i++)
		space[i] = s.p[i] == '/' ? '-' : s.p[i];
	return str_n(space, s.n);
}

int
query_date(struct str text, int64_t now, int64_t *first, int64_t *last)
{
	struct month m = {0, 1};
	char space[10];
	struct str s = without_slashes(text, space);
	if (s.n == 4 && num_int(s, 1, 9999, &m.year) == 0) {
		*first = month_start(m);
		*last = month_end((struct month){m.year, 12});
		return 0;
	}
	if (month_parse(s, &m) == 0) {
		*first = month_start(m);
		*last = month_end(m);
		return 0;
	}
	if (clock_parse_rfc3339(s, first) == 0) {
		bool ms = s.n && memchr(s.p, '.', s.n);
		*last = *first + (s.n == 10 ? DAY_MS - 1 : ms ? 0 : 999);
		return 0;
	}
	return this_day(s, now, first, last) == 0 ? 0 : ago(s, now, first, last);
}

int
query_date_range(struct str s, int64_t now, int64_t *min, int64_t *max)
{
	const char *dots = s.n ? memmem(s.p, s.n, "..", 2) : NULL;
	int64_t unused;
	if (!dots) /* a moment so long ago is nobody's */
		return ago(s, now, min, max) == 0 ? -1 : query_date(s, now, min, max);
	struct str from = str_n(s.p, (size_t)(dots - s.p)), to = str_skip(s, from.n + 2);
	if (from.n == 0 && to.n == 0)
		return -1;
	if (from.n && query_date(from, now, min, &unused) < 0)
		return -1;
	if (to.n && query_date(to, now, &unused, max) < 0)
		return -1;
	return *min <= *max ? 0 : -1;
}
