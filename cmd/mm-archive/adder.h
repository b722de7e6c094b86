/* adder.h: messages on their way into an archive: taken one by one, committed
 * together, day by day. */
#ifndef MM_ADDER_H
#define MM_ADDER_H

#include "batch.h"
#include "earlier.h"
#include "mail_archive.h"
#include "texts.h"

#define ADDER_MONTHS 13 /* held open */

struct adder {
	/* Set by the owner.  Told of each message what became of it: rc and full are
	 * those of batch_commit().  p->rec is the owner's again, the rest is not. */
	void (*done)(void *ctx, struct pending *p, int rc, bool full);
	void *ctx;

	struct mail_archive archive;
	size_t n, octets; /* taken and not committed */

	/* private */
	char *node;
	struct tar_frame packer;
	struct texts texts;
	struct earlier earlier;
	struct month_store *months[ADDER_MONTHS];
	uint64_t clock, let_go; /* and what it was when adder_let_go() was last called */
	struct pending **pending;
	size_t cap;
};

/* 0, or -1 after the reason was logged; close in either case. */
int adder_open(struct adder *a, const char *site, const char *root, const char *name);
void adder_close(struct adder *a);

/* Takes the record, which has an id that is valid, octets, and the field received,
 * which says the same as `received` (ms). */
void adder_take(struct adder *a, struct record *r, int64_t received);

/* Makes all that was taken durable. */
void adder_commit(struct adder *a);

/* Lets go of files and months that nothing was committed to since the last call; true while
 * it holds others. */
bool adder_let_go(struct adder *a);

#endif
