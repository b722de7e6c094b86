/* prune.h: what has expired of an archive goes: months as a whole, else the files of days.
 * A crash at any moment leaves what the next prune brings to its end. */
#ifndef MM_PRUNE_H
#define MM_PRUNE_H

#include "chain.h"
#include "prune_held.h"

struct pruning {
	const struct mail_archive *archive;
	int64_t cutoff;     /* what was received up to it has expired */
	bool dry_run;       /* print the paths instead */
	bool failed;        /* something could not be removed; the reason was logged */
	struct chain chain; /* may be one that is not there */
	struct archive_holds *holds;

	/* of the month, whose folder is locked by tar_rewrite_lock() */
	struct month_held held;
	struct month month;
	char *dir;
	char name[MONTH_NAME_SIZE];
};

/* Removes a month that has expired; false when something of it must stay, so that its
 * days are to be looked at. */
bool prune_whole_month(struct pruning *p);

/* Removes what a crash has left of months that prune_whole_month() was removing. */
void prune_leftovers(struct pruning *p);

/* Removes the files of days that have expired, and then their rows of the index. */
void prune_days(struct pruning *p);

/* For these: prints dir, or dir/name, when that is all to be done. */
void prune_say(const struct pruning *p, const char *name);

/* Logs errno, and p has failed. */
void prune_complain(struct pruning *p, const char *doing, const char *path);

#endif
