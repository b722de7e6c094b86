/* seal.h: a month that is over is closed: nobody adds to its files any more, and the chain
 * knows them. */
#ifndef MM_SEAL_H
#define MM_SEAL_H

#include "chain.h"
#include "month_index.h"

struct seal_month {
	const char *dir;
	char name[MONTH_NAME_SIZE];
	const struct mail_archive *archive;
	struct chain *chain;
	bool dry_run; /* only print what would be closed */
	struct month_index index;
};

/* Closes the tar files that the chain does not know, then the index, where need be; the
 * caller has tar_rewrite_lock().  A crash at any moment leaves a month that is good, and doing
 * it again brings it to its end.  False after it was logged which stay as they are and why. */
bool seal_files(struct seal_month *m);

#endif
