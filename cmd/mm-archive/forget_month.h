/* forget_month.h: erases messages from a month of an archive. */
#ifndef MM_FORGET_MONTH_H
#define MM_FORGET_MONTH_H

#include "chain.h"
#include "forget_ids.h"
#include "mail_archive.h"

struct forgetting {
	const struct mail_archive *archive;
	struct forget_ids ids;
	const char *reason;
	struct chain *chain; /* may be one that is not there */
};

/* Erases whatever the month has of the messages, which may be nothing, and finishes what
 * an earlier one has begun.  A crash at any moment leaves every other message as it was, and
 * doing it again brings it to its end.  EX_OK; EX_TEMPFAIL after the reason was logged: then
 * some of it may still be there; or EX_DATAERR: a file is damaged, and nothing was erased. */
int forget_month(const struct forgetting *f, struct month m);

/* Prints the files that would be written anew, with the ids, and changes nothing.  How many
 * that are, or -1 after the reason was logged. */
int forget_month_find(const struct forgetting *f, struct month m, bool print);

#endif
