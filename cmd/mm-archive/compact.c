#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_index.h"
#include "commands.h"
#include "compact.h"
#include "gone.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "tail.h"
#include "tar_file.h"
#include "tar_rewrite.h"

/* One that is dense and that the index does not know is left of a crash. */
static bool
is_done(struct compact_month *m, const char *name)
{
	int64_t row;
	uint64_t end;
	return strstr(name, COMPACT_MARK) &&
	       (!m->index.db || month_index_file(&m->index, name, &row, &end));
}

/* What a crash left beside the index is indexed first: its messages are those of
 * another file, so that nothing remains of it. */
static bool
compact_one(struct compact_month *m, const char *name, bool *changed)
{
	char *path = xasprintf("%s/%s", m->dir, name);
	struct stat st;
	int64_t row;
	uint64_t end;
	bool good = false;
	int fd = tar_file_open(path), held = -1;
	if (fd < 0 && errno == ENOENT)
		good = true; /* it was left of a crash, and cleared away */
	else if (fd < 0 || (held = tar_file_hold(fd)) < 0 || fstat(fd, &st) < 0)
		log_error("cannot open %s: %s", path, strerror(errno));
	else if (held == 0 || st.st_nlink == 0)
		good = true; /* somebody appends; another time */
	else if (tail_settle(&m->index, m->dir, name, fd) != 1 ||
		 month_index_file(&m->index, name, &row, &end) != 1)
		log_error("%s is left as it is", path);
	else {
		good = compact_file(m, name, row) == 0;
		*changed = *changed || good;
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return good;
}

/* Is there anything but dense files of an index that was closed with all of them? */
static bool
has_work(const char *dir, char **tars, size_t n)
{
	char *path = xasprintf("%s/%s", dir, ARCHIVE_INDEX);
	struct stat st;
	bool work = stat(path, &st) < 0 || !tar_file_is_closed(&st);
	for (size_t i = 0; !work && i < n; i++)
		work = !strstr(tars[i], COMPACT_MARK);
	free(path);
	return n && work;
}

static bool
compact_files(const struct options *o, struct compact_month *m, char **tars, size_t n,
	const struct archive_keys *keys)
{
	bool good = true, changed = false;
	if (!has_work(m->dir, tars, n))
		return true;
	if (!o->dry_run && (!month_index_exists(m->dir) ||
				   gone_clear(m->dir, m->name, keys, m->chain) < 0 ||
				   month_index_open(&m->index, m->dir, keys) < 0))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (is_done(m, tars[i]))
			continue;
		if (o->dry_run)
			printf("%s/%s\n", m->dir, tars[i]);
		else
			good = compact_one(m, tars[i], &changed) && good;
	}
	if (changed) /* who reads at the same moment only puts it off */
		good = month_index_renew(&m->index, false) >= 0 && good;
	month_index_close(&m->index);
	return good;
}

static bool
compact_month(const struct options *o, const struct mail_archive *a, struct chain *chain,
	struct month month)
{
	char *dir = mail_archive_path(a, month, NULL), **tars = NULL;
	struct compact_month m = {.dir = dir, .index = {.lock = -1}, .chain = chain};
	size_t n = 0;
	int lock = o->dry_run ? -1 : tar_rewrite_lock(dir);
	bool gone = lock < 0 && !o->dry_run && errno == ENOENT;
	month_name(month, m.name);
	bool good = o->dry_run || lock >= 0;
	if (good && mail_archive_tars(dir, &tars, &n) < 0) {
		log_error("cannot read %s: %s", dir, strerror(errno));
		good = false;
	}
	good = good && compact_files(o, &m, tars, n, a->keys);
	for (size_t i = 0; i < n; i++)
		free(tars[i]);
	free(tars);
	if (lock >= 0)
		close(lock);
	free(dir);
	return good || gone;
}

static bool
compact_named(const struct options *o, const char *name)
{
	struct mail_archive a;
	struct chain chain = {.fd = -1};
	struct month *months = NULL;
	size_t n = 0;
	bool good = mail_archive_open(&a, o->site, o->root, name) == 0 &&
		    mail_archive_months(&a, &months, &n) == 0 &&
		    chain_open(&chain, &a, false) >= 0;
	bool ready = good;
	for (size_t i = 0; ready && i < n; i++)
		if (month_end(months[i]) < o->now)
			good = compact_month(o, &a, &chain, months[i]) && good;
	free(months);
	chain_close(&chain);
	mail_archive_release(&a);
	return good;
}

int
command_compact(struct options *o, char **operands)
{
	umask(027);
	return each_archive(o, operands, compact_named) ? EX_OK : EX_TEMPFAIL;
}
