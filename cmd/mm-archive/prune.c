#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "commands.h"
#include "gone.h"
#include "log.h"
#include "prune.h"
#include "tar_rewrite.h"

void
prune_say(const struct pruning *p, const char *name)
{
	if (p->dry_run)
		printf("%s%s%s\n", p->dir, name ? "/" : "", name ? name : "");
}

void
prune_complain(struct pruning *p, const char *doing, const char *path)
{
	log_error("cannot %s %s: %s", doing, path, strerror(errno));
	p->failed = true;
}

/* Who writes files anew is waited for; another prune may have been quicker. */
static int
take_files(struct pruning *p)
{
	int fd = p->dry_run ? -1 : tar_rewrite_lock(p->dir);
	if (fd < 0 && !p->dry_run && errno != ENOENT)
		p->failed = true;
	return fd;
}

static void
prune_expired(struct pruning *p)
{
	if (month_held_open(&p->held, p->holds, p->dir, p->archive->keys) < 0)
		p->failed = true;
	else if (month_end(p->month) > p->cutoff || !prune_whole_month(p))
		prune_days(p);
	month_held_close(&p->held);
}

/* Of a month in which nothing has expired: is there what a crash left? */
static bool
has_leftovers(struct pruning *p)
{
	int rc = p->dry_run ? 0 : gone_pending(p->dir, p->archive->keys);
	p->failed = p->failed || rc < 0;
	return rc > 0;
}

static void
prune_month(struct pruning *p)
{
	bool expired = month_start(p->month) <= p->cutoff;
	if (!expired && !has_leftovers(p))
		return;
	int files = take_files(p);
	if (files < 0 && !p->dry_run)
		return;
	if (!p->dry_run && gone_clear(p->dir, p->name, p->archive->keys, &p->chain) < 0)
		p->failed = true;
	else if (expired)
		prune_expired(p);
	if (files >= 0)
		close(files);
}

static void
prune_months(struct pruning *p, const struct month *months, size_t n)
{
	if (!p->dry_run)
		prune_leftovers(p);
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
load_holds(struct pruning *p, int *lock)
{
	*lock = -1;
	if (p->cutoff == INT64_MIN)
		return true; /* nothing goes that could be under one */
	if (!p->dry_run && (*lock = archive_holds_lock(p->archive->dir, false)) < 0)
		return false;
	p->holds = archive_holds_load(p->archive->dir);
	return p->holds != NULL;
}

static bool
prune_archive(const struct mail_archive *a, const struct options *o)
{
	struct pruning p = {.archive = a,
		.cutoff = retention_cutoff(&a->retention, o->now),
		.dry_run = o->dry_run,
		.chain.fd = -1};
	struct month *months;
	size_t n;
	if (mail_archive_months(a, &months, &n) < 0) {
		log_error("cannot read %s: %s", a->dir, strerror(errno));
		return false;
	}
	int lock;
	bool ready = load_holds(&p, &lock) && chain_open(&p.chain, a, false) >= 0;
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
