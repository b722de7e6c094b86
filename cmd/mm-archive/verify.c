#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "commands.h"
#include "gone.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "tar_rewrite.h"
#include "verify_chain.h"
#include "verify_impl.h"

/* A descriptor to close, until which nobody appends, unless somebody does, who may be a frame
 * ahead of the index. */
static int
keep_at_rest(const char *path, bool *resting)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	*resting = fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0;
	return fd;
}

static bool
is_left_over(struct checking *c, const char *name, const char *path)
{
	if (verify_is_left_over(c->chain, c->month, name))
		return true;
	if (gone_is_left_over(c->db, c->dir, name, c->frames.keys) != 1)
		return false;
	log_warn("%s is left over: other files have all of it; mm-archive prune clears it away",
		path);
	return true;
}

/* Is it, at rest, all of what the index knows, without gaps?  One without a frame goes when
 * nobody has it, or stays when a crash left it. */
static bool
is_whole(struct checking *c, const char *path, bool resting, int64_t known, int64_t end)
{
	int64_t start = (int64_t)archive_cipher_start(c->frames.keys);
	struct stat st;
	if (stat(path, &st) < 0)
		return errno == ENOENT && end == 0;
	if (end == 0 && st.st_size <= start)
		return true;
	return (known == end || known + start == end) && (int64_t)st.st_size >= end &&
	       (!resting || (int64_t)st.st_size == end);
}

/* Every octet of a file must belong to a frame, without gaps. */
static void
check_file(struct checking *c, const char *name)
{
	char *path = xasprintf("%s/%s", c->dir, name);
	bool resting;
	int fd = keep_at_rest(path, &resting);
	int64_t is[2]; /* octets that the index knows, and where they end */
	verify_ask(c->db,
		"SELECT sum(length), max(offset + length) FROM frame"
		" WHERE file = (SELECT n FROM file WHERE name = ?)",
		name, is, 2);
	if (!is_whole(c, path, resting, is[0], is[1]) &&
		!(is[1] == 0 && is_left_over(c, name, path))) {
		log_error("%s has octets that the index does not know, or gaps; mm-archive "
			  "reindex adds whole frames",
			path);
		c->problems++;
	}
	if (fd >= 0)
		close(fd);
	free(path);
}

/* Every page can be read, and is what those say that name it. */
static void
check_index(struct checking *c)
{
	sqlite3_stmt *st;
	if (index_prepare(c->db, "PRAGMA quick_check(3)", &st) == 0) {
		while (sqlite3_step(st) == SQLITE_ROW) {
			struct str what = index_text(st, 0);
			if (str_eq(what, STR("ok")))
				continue;
			log_error("%s/%s: %.*s", c->dir, ARCHIVE_INDEX, STR_ARG(what));
			c->problems++;
		}
		if (sqlite3_finalize(st) == SQLITE_OK)
			return;
		index_log_error(c->db, "cannot read all of the index");
	}
	c->problems++;
}

/* Who adds the first message of a month has made its folder, and is about to make the index. */
static int
open_index(struct checking *c)
{
	int rc = index_open_read(c->dir, c->frames.keys, &c->db);
	for (int tenths = 0; rc == 0 && tenths < 10; tenths++) {
		usleep(100000);
		rc = index_open_read(c->dir, c->frames.keys, &c->db);
	}
	return rc;
}

static void
check_month(struct checking *c)
{
	char **tars;
	size_t n;
	int rc = open_index(c);
	if (rc == 0)
		log_error("%s has no index; mm-archive reindex makes it", c->dir);
	if (rc == 1)
		check_index(c);
	if (rc != 1 || verify_frames(c) < 0 || mail_archive_tars(c->dir, &tars, &n) < 0) {
		c->problems++;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		check_file(c, tars[i]);
		free(tars[i]);
	}
	free(tars);
	if (c->messages != (int64_t)c->checked) {
		log_error("%s: some messages of the index are in no frame", c->dir);
		c->problems++;
	}
}

static size_t
verify_month(const struct mail_archive *a, const struct chain_check *chain, struct month m)
{
	struct checking c = {.chain = chain, .dir = mail_archive_path(a, m, NULL)};
	month_name(m, c.month);
	frame_reader_init(&c.frames, c.dir, a->keys);
	int files = tar_rewrite_hold_off(c.dir);
	if (access(c.dir, F_OK) == 0) { /* else it was pruned meanwhile */
		check_month(&c);
		printf("%s  %zu messages  %zu frames  %zu problems\n", c.month, c.checked,
			c.frame_count, c.problems);
	}
	sqlite3_close(c.db);
	if (files >= 0)
		close(files);
	frame_reader_release(&c.frames);
	free(c.dir);
	return c.problems;
}

int
command_verify(struct options *o, char **operands)
{
	struct mail_archive a;
	struct chain_check chain = {.o = o, .archive = &a, .chain.fd = -1};
	struct month *months;
	size_t n, problems = 0;
	int status = EX_NOINPUT;
	if (mail_archive_open(&a, o->site, o->root, operands[0]) < 0)
		status = verify_keys(o, &a) ? EX_DATAERR : EX_NOINPUT;
	else if (mail_archive_months(&a, &months, &n) == 0) {
		chain.opened = chain_open(&chain.chain, &a, false);
		for (size_t i = 0; i < n; i++) {
			chain.over = chain.over || month_end(months[i]) < o->now;
			problems += verify_month(&a, &chain, months[i]);
		}
		problems += verify_chain(&chain);
		free(months);
		status = problems ? EX_DATAERR : EX_OK;
	} else {
		log_error("cannot read %s: %s", a.dir, strerror(errno));
	}
	chain_close(&chain.chain);
	mail_archive_release(&a);
	return status;
}
