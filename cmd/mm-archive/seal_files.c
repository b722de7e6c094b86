#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "archive_index.h"
#include "compact.h"
#include "log.h"
#include "mem.h"
#include "reindex.h"
#include "seal.h"
#include "tail.h"
#include "tar_file.h"

/* What is to be done with a file. */
enum task { NOTHING, MAKE_READ_ONLY, SEAL, FAILED };

static enum task
task_of(const struct seal_month *m, const char *name)
{
	char *path = xasprintf("%s/%s", m->dir, name), *key = xasprintf("%s/%s", m->name, name);
	struct stat st;
	enum task task = SEAL;
	if (stat(path, &st) < 0) {
		log_error("cannot read %s: %s", path, strerror(errno));
		task = FAILED;
	} else if (chain_state_live(&m->chain->state, key)) {
		task = tar_file_is_closed(&st) ? NOTHING : MAKE_READ_ONLY;
	} else if ((uint64_t)st.st_size <= archive_cipher_start(m->archive->keys)) {
		task = NOTHING; /* nothing was ever added to it */
	}
	free(key);
	free(path);
	return task;
}

static bool
close_descriptor(int fd, const char *path)
{
	struct stat st;
	if (fstat(fd, &st) == 0 && fchmod(fd, st.st_mode & 07555) == 0 && fsync(fd) == 0)
		return true;
	log_error("cannot make %s read-only: %s", path, strerror(errno));
	return false;
}

/* A dense file that the index does not know is what a compact left that was ended. */
static bool
is_left_over(struct seal_month *m, const char *name)
{
	int64_t row;
	uint64_t end;
	return strstr(name, COMPACT_MARK) && month_index_file(&m->index, name, &row, &end) == 0;
}

/* The caller holds the file. */
static bool
seal_held(struct seal_month *m, const char *name, const char *path, int fd, enum task task)
{
	struct stat st;
	int64_t row;
	if (task == MAKE_READ_ONLY)
		return close_descriptor(fd, path);
	if (is_left_over(m, name)) {
		log_error("%s was left by a compact that was ended; mm-archive compact clears "
			  "it away",
			path);
		return false;
	}
	if (tail_settle(&m->index, m->dir, name, fd) != 1 || fstat(fd, &st) < 0 ||
		!reindex_whole(&m->index, m->dir, name, (uint64_t)st.st_size, &row)) {
		log_error("%s is left as it is", path);
		return false;
	}
	/* first, so that nobody adds to what the chain says is closed */
	return close_descriptor(fd, path) && chain_seal(m->chain, m->name, name) == 0;
}

static bool
seal_file(struct seal_month *m, const char *name, enum task task)
{
	char *path = xasprintf("%s/%s", m->dir, name);
	bool good = false;
	int fd = tar_file_open(path), held = fd < 0 ? -1 : tar_file_hold(fd);
	if (held < 0)
		log_error("cannot open %s: %s", path, strerror(errno));
	else if (held == 0)
		log_warn("%s is being written to; it is sealed another time", path);
	else
		good = seal_held(m, name, path, fd, task);
	if (fd >= 0)
		close(fd);
	free(path);
	return good;
}

static char *
index_path(const struct seal_month *m)
{
	return xasprintf("%s/%s", m->dir, ARCHIVE_INDEX);
}

/* Not when it is read-only and the chain knows it.  Where there are files there is to be one.
 */
static bool
index_is_open(const struct seal_month *m, bool files)
{
	char *path = index_path(m), *key = xasprintf("%s/%s", m->name, ARCHIVE_INDEX);
	struct stat st;
	bool open = stat(path, &st) < 0 ? files
					: !tar_file_is_closed(&st) ||
						  !chain_state_live(&m->chain->state, key);
	free(path);
	free(key);
	return open;
}

/* Read-only after the chain knows it: one that is read-only has the hash that the chain says.
 * Who writes it meanwhile waits. */
static bool
seal_index(struct seal_month *m)
{
	char *path = index_path(m);
	bool good =
		month_index_settle(&m->index) == 0 && chain_seal_index(m->chain, m->name) == 0;
	int fd = good ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (good && fd < 0)
		log_error("cannot open %s: %s", path, strerror(errno));
	good = fd >= 0 && close_descriptor(fd, path);
	if (fd >= 0)
		close(fd);
	free(path);
	return good;
}

/* False when one of the files is left as it is. */
static bool
seal_tars(struct seal_month *m, char **tars, size_t n, const enum task *tasks)
{
	bool good = true;
	for (size_t i = 0; i < n; i++) {
		if (tasks[i] == FAILED)
			good = false;
		else if (tasks[i] != NOTHING && m->dry_run)
			printf("%s/%s\n", m->dir, tars[i]);
		else if (tasks[i] != NOTHING)
			good = seal_file(m, tars[i], tasks[i]) && good;
	}
	return good;
}

/* An index that is written later is not closed until all files are. */
static bool
do_tasks(struct seal_month *m, char **tars, size_t n, const enum task *tasks, bool index)
{
	if (!m->dry_run && (!month_index_exists(m->dir) ||
				   month_index_open(&m->index, m->dir, m->archive->keys) < 0))
		return false;
	bool good = seal_tars(m, tars, n, tasks);
	if (m->dry_run && index)
		printf("%s/%s\n", m->dir, ARCHIVE_INDEX);
	if (!m->dry_run) {
		good = good && seal_index(m);
		month_index_close(&m->index);
	}
	return good;
}

bool
seal_files(struct seal_month *m)
{
	char **tars = NULL;
	size_t n = 0;
	m->index = (struct month_index){.lock = -1};
	if (chain_refresh(m->chain) < 0)
		return false;
	if (mail_archive_tars(m->dir, &tars, &n) < 0) {
		log_error("cannot read %s: %s", m->dir, strerror(errno));
		return false;
	}
	enum task *tasks = xcalloc(n + 1, sizeof(*tasks));
	bool index = index_is_open(m, n > 0), work = index, good = true;
	for (size_t i = 0; i < n; i++) {
		tasks[i] = task_of(m, tars[i]);
		work = work || tasks[i] != NOTHING;
	}
	if (work)
		good = do_tasks(m, tars, n, tasks, index || work);
	for (size_t i = 0; i < n; i++)
		free(tars[i]);
	free(tars);
	free(tasks);
	return good;
}
