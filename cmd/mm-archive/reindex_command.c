#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_index.h"
#include "commands.h"
#include "gone.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "reindex.h"
#include "tail.h"
#include "tar_file.h"
#include "tar_rewrite.h"

/* Whoever appends to a file has it in the index, unless that is another one. */
static bool
held_file(struct month_index *x, const char *path, const char *name)
{
	int64_t row;
	uint64_t end;
	int known = month_index_file(x, name, &row, &end);
	/* who has just begun it is about to tell the index, or lets go of it */
	for (int tenths = 0; known == 0 && tenths < 10; tenths++) {
		if (access(path, F_OK) < 0)
			return true;
		usleep(100000);
		known = month_index_file(x, name, &row, &end);
	}
	if (known == 0)
		log_error("%s is not in the index and held by a program that had an earlier "
			  "one; end that program, then run this again",
			path);
	return known == 1;
}

/* Holds the file meanwhile, so that nobody appends. */
static bool
reindex_file(struct month_index *x, const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = tar_file_open(path), held = -1;
	struct stat st;
	bool good = false;
	if (fd < 0 || (held = tar_file_hold(fd)) < 0 || fstat(fd, &st) < 0)
		log_error("cannot open %s: %s", path, strerror(errno));
	else if (held == 0)
		good = held_file(x, path, name);
	else if (!(good = reindex_held(x, dir, name, (uint64_t)st.st_size)))
		tail_salvage(x, dir, name);
	if (fd >= 0)
		close(fd);
	free(path);
	return good;
}

/* Rows whose file is not there hide the messages that it had, as they are known already. */
static bool
files_are_there(struct month_index *x, const char *dir)
{
	char **files;
	size_t n;
	bool there = index_files(x->db, &files, &n) == 0;
	for (size_t i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", dir, files[i]);
		if (access(path, F_OK) < 0) {
			log_error("%s: %s, and the index names it; " REINDEX_OLD_INDEX
				  "; if a prune was stopped, run mm-archive prune",
				path, strerror(errno));
			there = false;
		}
		free(path);
		free(files[i]);
	}
	free(files);
	return there;
}

static bool
reindex_month(const struct mail_archive *a, struct chain *chain, struct month m)
{
	char *dir = mail_archive_path(a, m, NULL), **tars = NULL, name[MONTH_NAME_SIZE];
	struct month_index x = {.lock = -1};
	int files = tar_rewrite_lock(dir);
	bool gone = files < 0 && errno == ENOENT;
	size_t n = 0;
	bool good = files >= 0 && gone_clear(dir, month_name(m, name), a->keys, chain) >= 0 &&
		    month_index_open(&x, dir, a->keys) == 0 &&
		    mail_archive_tars(dir, &tars, &n) == 0;
	for (size_t i = 0; i < n; i++) {
		good = reindex_file(&x, dir, tars[i]) && good;
		free(tars[i]);
	}
	free(tars);
	if (x.db)
		good = month_index_adopt(&x) == 0 && files_are_there(&x, dir) && good;
	month_index_close(&x);
	if (files >= 0)
		close(files);
	free(dir);
	return good || gone;
}

int
command_reindex(struct options *o, char **operands)
{
	struct mail_archive a;
	struct chain chain = {.fd = -1};
	struct month *months;
	size_t n;
	int status = EX_NOINPUT;
	umask(027);
	if (mail_archive_open(&a, o->site, o->root, operands[0]) == 0 &&
		mail_archive_months(&a, &months, &n) == 0) {
		status = chain_open(&chain, &a, false) < 0 ? EX_DATAERR : EX_OK;
		for (size_t i = 0; i < n && chain.path; i++)
			if (!reindex_month(&a, &chain, months[i]))
				status = EX_DATAERR;
		free(months);
	}
	chain_close(&chain);
	mail_archive_release(&a);
	return status;
}
