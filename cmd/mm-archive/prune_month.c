#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "io.h"
#include "mem.h"
#include "prune.h"

#define LEFTOVER_ENDING ".pruned"

static int
take_lock(struct pruning *p)
{
	char *path = xasprintf("%s/lock", p->dir);
	int fd = io_make(path, O_RDWR, 0640);
	if (fd < 0 || io_lock(fd, LOCK_EX) < 0) {
		prune_complain(p, "lock", path);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

/* 1, 0, or -1 when nobody can tell. */
static int
any_held_file(struct pruning *p)
{
	char **tars;
	size_t n;
	int rc = 0;
	if (mail_archive_tars(p->dir, &tars, &n) < 0) {
		prune_complain(p, "read", p->dir);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (rc == 0)
			rc = month_held_file(&p->held, tars[i], false);
		free(tars[i]);
	}
	free(tars);
	return rc;
}

/* Must something of the month stay, or all of it because nobody can tell?  Asked when
 * nothing can be added any more. */
static bool
month_stays(struct pruning *p)
{
	int rc = month_held_file(&p->held, NULL, false);
	if (rc == 0 && p->held.db)
		rc = any_held_file(p);
	p->failed = p->failed || rc < 0;
	return rc != 0;
}

static void
remove_entry(struct pruning *p, const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	if (unlink(path) < 0 && errno != ENOENT)
		prune_complain(p, "remove", path);
	free(path);
}

/* Another prune may be doing the same. */
static void
remove_folder(struct pruning *p, const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			remove_entry(p, dir, e->d_name);
	if (d)
		closedir(d);
	if (rmdir(dir) < 0 && errno != ENOENT)
		prune_complain(p, "remove", dir);
}

/* At one moment the month is gone for all who read and write the archive; who waits for
 * its lock sees that the index has moved.  Nothing goes before that is durable. */
static void
remove_month(struct pruning *p)
{
	char *gone = xasprintf(
		"%s/.%s.%ld" LEFTOVER_ENDING, p->archive->dir, p->name, (long)getpid());
	if (rename(p->dir, gone) < 0 || io_sync_parent(gone) < 0)
		prune_complain(p, "remove", p->dir);
	else
		remove_folder(p, gone);
	free(gone);
}

bool
prune_whole_month(struct pruning *p)
{
	int lock = p->dry_run ? -1 : take_lock(p);
	if (lock < 0 && !p->dry_run)
		return true;
	bool stays = month_stays(p);
	if (!stays)
		prune_say(p, NULL);
	if (!stays && lock >= 0) {
		month_held_close(&p->held);
		if (chain_prune(&p->chain, p->name, NULL) < 0)
			p->failed = true;
		else
			remove_month(p);
	}
	if (lock >= 0)
		close(lock);
	return !stays;
}

/* ".2026-01.PID.pruned" */
static bool
is_leftover(struct str name)
{
	struct month m;
	return name.n > 8 && name.p[0] == '.' && name.p[8] == '.' &&
	       str_ends(name, STR(LEFTOVER_ENDING)) &&
	       month_parse(str_n(name.p + 1, 7), &m) == 0;
}

void
prune_leftovers(struct pruning *p)
{
	struct dirent *e;
	DIR *d = opendir(p->archive->dir);
	if (!d)
		prune_complain(p, "read", p->archive->dir);
	while (d && (e = readdir(d))) {
		if (!is_leftover(str_of(e->d_name)))
			continue;
		char *dir = xasprintf("%s/%s", p->archive->dir, e->d_name);
		remove_folder(p, dir);
		free(dir);
	}
	if (d)
		closedir(d);
}
