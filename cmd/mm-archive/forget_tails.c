#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "archive_index.h"
#include "forget_tails.h"
#include "log.h"
#include "mem.h"
#include "tail.h"
#include "tar_file.h"

static int
settle(struct month_index *x, const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = tar_file_open(path), held = -1, rc = -1;
	if (fd < 0 || (held = tar_file_hold(fd)) < 0)
		log_error("cannot open %s: %s", path, strerror(errno));
	else if (held == 0)
		rc = 1; /* what is behind the index's end is in the making */
	else
		rc = tail_settle(x, dir, name, fd);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

static int
is_known(sqlite3 *db, sqlite3_stmt *st, const char *dir, const char *name, uint64_t start)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct stat is;
	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	int step = sqlite3_step(st);
	uint64_t end = step == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	if (step != SQLITE_ROW)
		index_log_error(db, "cannot read the index");
	bool known = stat(path, &is) < 0 || (uint64_t)is.st_size <= (end > start ? end : start);
	free(path);
	return step == SQLITE_ROW ? known : -1;
}

int
forget_tails_any(const char *dir, const struct archive_keys *keys)
{
	sqlite3 *db;
	sqlite3_stmt *st = NULL;
	char **tars = NULL;
	size_t n = 0;
	int known = 1, rc = index_open_read(dir, keys, &db);
	if (rc == 1 && (index_prepare(db,
				"SELECT max(offset + length) FROM frame"
				" WHERE file = (SELECT n FROM file WHERE name = ?)",
				&st) < 0 ||
			       mail_archive_tars(dir, &tars, &n) < 0))
		rc = -1;
	for (size_t i = 0; i < n; i++) {
		if (known == 1)
			known = is_known(db, st, dir, tars[i], archive_cipher_start(keys));
		free(tars[i]);
	}
	free(tars);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return rc < 0 || known < 0 ? -1 : known == 0;
}

int
forget_tails(struct month_index *x, const char *dir)
{
	char **tars;
	size_t n;
	int rc = 1;
	if (mail_archive_tars(dir, &tars, &n) < 0) {
		log_error("cannot read %s: %s", dir, strerror(errno));
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (rc == 1)
			rc = settle(x, dir, tars[i]);
		free(tars[i]);
	}
	free(tars);
	return rc == 1 && month_index_adopt(x) < 0 ? -1 : rc;
}
