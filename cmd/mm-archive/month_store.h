/* month_store.h: a month of an archive, open for writing: its index and, for each
 * day needed, the tar file that this process appends to. */
#ifndef MM_MONTH_STORE_H
#define MM_MONTH_STORE_H

#include "mail_archive.h"
#include "month_index.h"
#include "tar_file.h"

struct day_file {
	struct tar_file tar; /* .name NULL: not open */
	int64_t row;
	uint64_t last_used; /* that of the store when it was asked for */
};

struct month_store {
	struct month month;
	char *dir;
	const char *node;
	struct month_index index;
	struct day_file days[32];
	uint64_t last_used; /* the owner's, to know what was not used for longest */
};

/* Opens the month, making folder and index if need be.  0, or -1 after the reason
 * was logged; *full as in month_index.h. */
int month_store_open(struct month_store *s, const struct mail_archive *a, struct month m,
	const char *node, bool *full);
void month_store_close(struct month_store *s);

/* The file to append to on a day, at its end only what the index knows: whole
 * frames that a crash left unindexed are indexed, a torn one is cut off.  The next file
 * when the one that was claimed before is full or over.  NULL after the reason was logged. */
struct day_file *month_store_day(struct month_store *s, int day, bool *full);

#endif
