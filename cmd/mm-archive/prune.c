#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_index.h"
#include "chain.h"
#include "commands.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "month_index.h"
#include "prune_held.h"
#include "tar_file.h"
#include "tar_rewrite.h"

struct pruning {
	const struct mail_archive *archive;
	int64_t cutoff;
	bool dry_run;
	bool failed;
	struct chain chain; /* may be one that is not there */
	struct archive_holds *holds;
	struct month_held held; /* of the month */
	struct month month;
	char *dir;
	char name[MONTH_NAME_SIZE]; /* of the month */
};

static int
say(struct pruning *p, const char *what)
{
	return p->dry_run ? printf("%s%s%s\n", p->dir, what ? "/" : "", what ? what : "") : 0;
}

static void
complain(struct pruning *p, const char *path)
{
	log_error("cannot remove %s: %s", path, strerror(errno));
	p->failed = true;
}

static void
remove_file(struct pruning *p, const char *name)
{
	char *path = xasprintf("%s/%s", p->dir, name);
	if (unlink(path) < 0 && errno != ENOENT)
		complain(p, path);
	free(path);
}

static int
take_lock(struct pruning *p)
{
	char *path = xasprintf("%s/lock", p->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0 || flock(fd, LOCK_EX) < 0) {
		log_error("cannot lock %s: %s", path, strerror(errno));
		p->failed = true;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

/* Who writes files anew is waited for. */
static int
take_files(struct pruning *p)
{
	int fd = p->dry_run ? -1 : tar_rewrite_lock(p->dir);
	p->failed = p->failed || (fd < 0 && !p->dry_run);
	return fd;
}

static void
remove_files(struct pruning *p)
{
	static const char *const others[] = {
		ARCHIVE_INDEX, ARCHIVE_INDEX "-wal", ARCHIVE_INDEX "-shm", "lock"};
	char **tars;
	size_t n;
	if (mail_archive_tars(p->dir, &tars, &n) == 0) {
		for (size_t i = 0; i < n; i++) {
			remove_file(p, tars[i]);
			free(tars[i]);
		}
		free(tars);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		remove_file(p, others[i]);
}

/* Must something of the month stay, or all of it because nobody can tell?  Asked when
 * nothing can be added any more. */
static bool
month_stays(struct pruning *p)
{
	char **tars;
	size_t n;
	int rc = month_held_file(&p->held, NULL, false);
	if (rc == 0 && p->held.db && mail_archive_tars(p->dir, &tars, &n) == 0) {
		for (size_t i = 0; i < n; i++) {
			if (rc == 0)
				rc = month_held_file(&p->held, tars[i], false);
			free(tars[i]);
		}
		free(tars);
	}
	p->failed = p->failed || rc < 0;
	return rc != 0;
}

/* The lock goes last: who waits for it sees that the month is gone.  False when there
 * are files that stay. */
static bool
remove_month(struct pruning *p)
{
	int lock = p->dry_run ? -1 : take_lock(p);
	if (lock < 0 && !p->dry_run)
		return true;
	bool stays = month_stays(p);
	if (!stays)
		say(p, NULL);
	if (!stays && lock >= 0) {
		if (chain_prune(&p->chain, p->name, NULL) < 0) {
			p->failed = true;
			close(lock);
			return true;
		}
		month_held_close(&p->held);
		remove_files(p);
	}
	if (lock >= 0)
		close(lock);
	if (!stays && lock >= 0 && rmdir(p->dir) < 0 && errno != ENOTEMPTY && errno != EEXIST)
		complain(p, p->dir);
	return !stays;
}

static int
delete_rows(struct month_index *x, const char *file)
{
	static const char *const deletes[] = {
		("DELETE FROM rcpt WHERE message IN (SELECT m.n FROM message AS m"
		 " JOIN frame AS r ON r.n = m.frame JOIN file AS f ON f.n = r.file"
		 " WHERE f.name = ?)"),
		("DELETE FROM message WHERE frame IN (SELECT r.n FROM frame AS r"
		 " JOIN file AS f ON f.n = r.file WHERE f.name = ?)"),
		"DELETE FROM frame WHERE file IN (SELECT n FROM file WHERE name = ?)",
		"DELETE FROM file WHERE name = ?",
	};
	bool full = false;
	if (month_index_begin(x, &full) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(deletes) / sizeof(deletes[0]); i++) {
		sqlite3_stmt *st;
		int rc = index_prepare(x->db, deletes[i], &st);
		if (rc == 0) {
			sqlite3_bind_text(st, 1, file, -1, SQLITE_STATIC);
			rc = sqlite3_step(st) == SQLITE_DONE ? 0 : -1;
		}
		sqlite3_finalize(st);
		if (rc < 0) {
			index_log_error(x->db, "cannot delete from the index");
			month_index_rollback(x);
			return -1;
		}
	}
	return month_index_commit(x, &full);
}

static bool
file_stays(struct pruning *p, const char *name)
{
	int rc = month_held_file(&p->held, name, p->dry_run);
	p->failed = p->failed || rc < 0;
	return rc != 0;
}

/* A file that somebody appends to waits for the next time. */
static void
remove_day_file(struct pruning *p, struct month_index *x, const char *name)
{
	char *path = xasprintf("%s/%s", p->dir, name);
	int fd = tar_file_open(path);
	if (fd < 0)
		complain(p, path);
	else if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		log_info("%s is being written to; it goes another time", path);
	else if (file_stays(p, name))
		;
	else if (chain_prune(&p->chain, p->name, name) < 0)
		p->failed = true;
	else if (delete_rows(x, name) < 0 || unlink(path) < 0)
		complain(p, path);
	if (fd >= 0)
		close(fd);
	free(path);
}

static bool
day_expired(const struct pruning *p, const char *name)
{
	int day = mail_archive_tar_day(name);
	return day > 0 &&
	       month_start(p->month) + day * (INT64_C(24) * 3600 * 1000) - 1 <= p->cutoff;
}

static void
prune_days(struct pruning *p)
{
	struct month_index x = {.lock = -1};
	char **tars;
	size_t n;
	if (mail_archive_tars(p->dir, &tars, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		if (day_expired(p, tars[i]) && !file_stays(p, tars[i])) {
			say(p, tars[i]);
			if (!p->dry_run && !x.db &&
				month_index_open(&x, p->dir, p->archive->keys) < 0)
				p->failed = true;
			if (x.db)
				remove_day_file(p, &x, tars[i]);
		}
		free(tars[i]);
	}
	free(tars);
	month_index_close(&x);
}

static void
prune_month(struct pruning *p)
{
	if (month_start(p->month) > p->cutoff)
		return;
	int files = take_files(p);
	if (files < 0 && !p->dry_run)
		return;
	if (month_held_open(&p->held, p->holds, p->dir, p->archive->keys) < 0)
		p->failed = true;
	else if (month_end(p->month) > p->cutoff || !remove_month(p))
		prune_days(p);
	month_held_close(&p->held);
	if (files >= 0)
		close(files);
}

static void
prune_months(struct pruning *p, const struct month *months, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		p->month = months[i];
		p->dir = mail_archive_path(p->archive, months[i], NULL);
		month_name(p->month, p->name);
		prune_month(p);
		free(p->dir);
	}
}

/* Holds are read under their lock, which is kept: none is made while files go. */
static bool
prune_archive(const struct mail_archive *a, const struct options *o)
{
	struct pruning p = {.archive = a,
		.cutoff = retention_cutoff(&a->retention, o->now),
		.dry_run = o->dry_run,
		.chain.fd = -1};
	struct month *months;
	size_t n;
	if (p.cutoff == INT64_MIN)
		return true;
	if (mail_archive_months(a, &months, &n) < 0) {
		log_error("cannot read %s: %s", a->dir, strerror(errno));
		return false;
	}
	int lock = o->dry_run ? -1 : archive_holds_lock(a->dir, false);
	bool ready = (lock >= 0 || o->dry_run) && (p.holds = archive_holds_load(a->dir)) &&
		     chain_open(&p.chain, a, false) >= 0;
	if (ready)
		prune_months(&p, months, n);
	free(months);
	chain_close(&p.chain);
	archive_holds_free(p.holds);
	if (lock >= 0)
		close(lock);
	return ready && !p.failed;
}

static bool
prune_named(const struct options *o, const char *name)
{
	struct mail_archive a;
	bool good = mail_archive_open(&a, o->site, o->root, name) == 0 && prune_archive(&a, o);
	mail_archive_release(&a);
	return good;
}

int
command_prune(struct options *o, char **operands)
{
	return each_archive(o, operands, prune_named) ? EX_OK : EX_TEMPFAIL;
}
