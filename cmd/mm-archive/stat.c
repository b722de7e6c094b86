#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "archive_index.h"
#include "commands.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "site.h"

struct totals {
	int64_t messages, octets, tars, index;
};

static int64_t
file_size(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct stat st;
	int64_t size = stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
	free(path);
	return size;
}

static int
count_rows(const struct mail_archive *a, const char *dir, struct totals *t)
{
	sqlite3 *db;
	sqlite3_stmt *st = NULL;
	int rc = index_open_read(dir, a->keys, &db);
	if (rc != 1)
		return rc < 0 || mail_archive_index_lost(dir) ? -1 : 0;
	rc = index_prepare(db, "SELECT count(*), coalesce(sum(size), 0) FROM message", &st);
	if (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
		t->messages = sqlite3_column_int64(st, 0);
		t->octets = sqlite3_column_int64(st, 1);
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	return rc;
}

static int
measure_month(const struct mail_archive *a, struct month m, struct totals *t)
{
	char *dir = mail_archive_path(a, m, NULL), **tars;
	size_t n;
	*t = (struct totals){0};
	int rc = count_rows(a, dir, t);
	t->index = file_size(dir, ARCHIVE_INDEX) + file_size(dir, ARCHIVE_INDEX "-wal");
	if (mail_archive_tars(dir, &tars, &n) < 0) {
		free(dir);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		t->tars += file_size(dir, tars[i]);
		free(tars[i]);
	}
	free(tars);
	free(dir);
	return rc < 0 ? -1 : 0;
}

static void
print_totals(const char *what, const struct totals *t)
{
	printf("%-8s %10" PRId64 " %14" PRId64 " %14" PRId64 " %14" PRId64 "\n", what,
		t->messages, t->octets, t->tars, t->index);
}

static int
measure(const struct mail_archive *a, struct totals *sum, size_t *nmonths, bool print)
{
	struct month *months;
	struct totals t;
	char name[MONTH_NAME_SIZE];
	int rc = 0;
	*sum = (struct totals){0};
	if (mail_archive_months(a, &months, nmonths) < 0) {
		log_error("cannot read %s: %s", a->dir, strerror(errno));
		return -1;
	}
	for (size_t i = 0; i < *nmonths; i++) {
		if (measure_month(a, months[i], &t) < 0)
			rc = -1;
		if (print)
			print_totals(month_name(months[i], name), &t);
		sum->messages += t.messages;
		sum->octets += t.octets;
		sum->tars += t.tars;
		sum->index += t.index;
	}
	free(months);
	return rc;
}

int
command_stat(struct options *o, char **operands)
{
	struct mail_archive a;
	struct totals sum;
	size_t months;
	int status = EX_NOINPUT;
	if (mail_archive_open(&a, o->site, o->root, operands[0]) == 0) {
		printf("%s  %s  %s\n", a.name, retention_word(&a.retention), a.dir);
		printf("%-8s %10s %14s %14s %14s\n", "month", "messages", "octets", "packed",
			"index");
		status = measure(&a, &sum, &months, true) == 0 ? EX_OK : EX_DATAERR;
		print_totals("total", &sum);
	}
	mail_archive_release(&a);
	return status;
}

static int
list_one(const struct options *o, const char *name)
{
	struct mail_archive a;
	struct totals sum = {0};
	size_t months = 0;
	int rc = -1;
	if (mail_archive_find(&a, o->site, o->root, name) == 0 &&
		mail_archive_unlock(&a) == 0) {
		rc = measure(&a, &sum, &months, false);
		printf("%-24s %-16s %6zu %10" PRId64 " %14" PRId64 "  %s\n", a.name,
			retention_word(&a.retention), months, sum.messages,
			sum.tars + sum.index, a.dir);
	}
	mail_archive_release(&a);
	return rc;
}

int
command_list(struct options *o, char **operands)
{
	char **names;
	size_t n;
	(void)operands;
	int status = mail_archive_names(o->site, &names, &n) == 0 ? EX_OK : EX_NOINPUT;
	printf("%-24s %-16s %6s %10s %14s  %s\n", "archive", "retention", "months", "messages",
		"on disk", "directory");
	for (size_t i = 0; i < n; i++) {
		if (list_one(o, names[i]) < 0)
			status = EX_DATAERR;
		free(names[i]);
	}
	free(names);
	return status;
}
