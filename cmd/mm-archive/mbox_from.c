#include <string.h>
#include <time.h>

#include "mbox.h"
#include "num.h"

#define LINE_MAX_OCTETS 1000

/* "+0100" in seconds; 0 for names of zones, which mean nothing for sure. */
static int
zone(struct str word)
{
	int hours, minutes;
	if (word.n != 5 || (word.p[0] != '+' && word.p[0] != '-') ||
		num_int(str_n(word.p + 1, 2), 0, 23, &hours) < 0 ||
		num_int(str_n(word.p + 3, 2), 0, 59, &minutes) < 0)
		return 0;
	int seconds = hours * 3600 + minutes * 60;
	return word.p[0] == '-' ? -seconds : seconds;
}

/* What follows the time of day: the year and perhaps a zone. */
static int
year_and_zone(const char *rest, struct tm *tm, int *offset)
{
	struct str words = str_of(rest), word;
	int year = 0, n;
	while ((word = str_word(&words)).n) {
		if (word.n == 4 && num_int(word, 1970, 9999, &n) == 0)
			year = n;
		else if (zone(word))
			*offset = zone(word);
	}
	tm->tm_year = year - 1900;
	return year ? 0 : -1;
}

static int
parse_at(const char *text, int64_t *ms)
{
	struct tm tm = {0};
	int offset = 0;
	const char *rest = strptime(text, "%a %b %d %H:%M:%S", &tm);
	if (!rest)
		rest = strptime(text, "%a %b %d %H:%M", &tm);
	if (!rest || year_and_zone(rest, &tm, &offset) < 0)
		return -1;
	*ms = ((int64_t)timegm(&tm) - offset) * 1000;
	return 0;
}

int
mbox_from_line(struct str line, int64_t *ms)
{
	char text[LINE_MAX_OCTETS + 1];
	static const char days[] = "MonTueWedThuFriSatSun";
	line = str_trim(line);
	if (!str_starts(line, STR("From ")) || !str_copy(line, text, sizeof(text)))
		return -1;
	for (const char *p = text + 4; (p = strchr(p, ' ')); p++) {
		while (*p == ' ')
			p++;
		char day[4] = {p[0], p[0] ? p[1] : '\0', p[0] && p[1] ? p[2] : '\0', '\0'};
		const char *known = strlen(day) == 3 ? strstr(days, day) : NULL;
		if (known && (known - days) % 3 == 0 && parse_at(p, ms) == 0)
			return 0;
		p--;
	}
	return -1;
}
