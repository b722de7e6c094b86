#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "num.h"

char *
month_name(struct month m, char out[MONTH_NAME_SIZE])
{
	snprintf(out, MONTH_NAME_SIZE, "%04d-%02d", m.year % 10000, m.month % 100);
	return out;
}

int
month_parse(struct str s, struct month *out)
{
	struct month m;
	if (s.n != 7 || s.p[4] != '-' || num_int(str_n(s.p, 4), 0, 9999, &m.year) < 0 ||
		num_int(str_skip(s, 5), 1, 12, &m.month) < 0)
		return -1;
	*out = m;
	return 0;
}

struct month
month_of(int64_t ms, int *day)
{
	time_t seconds = (time_t)(ms >= 0 ? ms / 1000 : -((999 - ms) / 1000));
	struct tm tm;
	gmtime_r(&seconds, &tm);
	if (day)
		*day = tm.tm_mday;
	return (struct month){tm.tm_year + 1900, tm.tm_mon + 1};
}

int64_t
month_start(struct month m)
{
	struct tm tm = {.tm_year = m.year - 1900, .tm_mon = m.month - 1, .tm_mday = 1};
	return (int64_t)timegm(&tm) * 1000;
}

int64_t
month_end(struct month m)
{
	return month_start((struct month){m.year, m.month + 1}) - 1;
}

static int
newest_first(const void *x, const void *y)
{
	const struct month *a = x, *b = y;
	return a->year != b->year ? b->year - a->year : b->month - a->month;
}

int
mail_archive_months(const struct mail_archive *a, struct month **list, size_t *n)
{
	size_t cap = 0;
	struct dirent *e;
	DIR *d = opendir(a->dir);
	*list = NULL;
	*n = 0;
	if (!d)
		return -1;
	while ((e = readdir(d))) {
		struct month m;
		if (month_parse(str_of(e->d_name), &m) < 0)
			continue;
		*list = xgrow(*list, &cap, *n + 1, sizeof(**list));
		(*list)[(*n)++] = m;
	}
	closedir(d);
	if (*n)
		qsort(*list, *n, sizeof(**list), newest_first);
	return 0;
}

char *
mail_archive_path(const struct mail_archive *a, struct month m, const char *name)
{
	char month[MONTH_NAME_SIZE];
	month_name(m, month);
	return name ? xasprintf("%s/%s/%s", a->dir, month, name)
		    : xasprintf("%s/%s", a->dir, month);
}

const char *
mail_archive_tar_ending(const struct archive_keys *keys)
{
	return keys ? ARCHIVE_SEALED_ENDING : ARCHIVE_TAR_ENDING;
}

int
mail_archive_tar_day(const char *name)
{
	struct str s = str_of(name);
	int day;
	if (s.n < 4 || s.p[2] != '-' ||
		(!str_ends(s, STR(ARCHIVE_TAR_ENDING)) &&
			!str_ends(s, STR(ARCHIVE_SEALED_ENDING))) ||
		num_int(str_n(s.p, 2), 1, 31, &day) < 0)
		return -1;
	return day;
}

static int
by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

int
mail_archive_tars(const char *month_dir, char ***list, size_t *n)
{
	size_t cap = 0;
	struct dirent *e;
	DIR *d = opendir(month_dir);
	*list = NULL;
	*n = 0;
	if (!d)
		return -1;
	while ((e = readdir(d))) {
		if (mail_archive_tar_day(e->d_name) < 0)
			continue;
		*list = xgrow(*list, &cap, *n + 1, sizeof(**list));
		(*list)[(*n)++] = xstrdup(e->d_name);
	}
	closedir(d);
	if (*n)
		qsort(*list, *n, sizeof(**list), by_name);
	return 0;
}

bool
mail_archive_index_lost(const char *month_dir)
{
	char **tars;
	size_t n;
	if (mail_archive_tars(month_dir, &tars, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		free(tars[i]);
	free(tars);
	if (n)
		log_error("%s has no index; mm-archive reindex makes it", month_dir);
	return n > 0;
}
