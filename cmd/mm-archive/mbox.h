/* mbox.h: messages out of an mbox that comes in pieces of any size; also a file that
 * may be an mbox or one message. */
#ifndef MM_MBOX_H
#define MM_MBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

enum mbox_kind {
	MBOX_GUESS, /* one message, unless a second From_ line is found */
	MBOX_YES,
	MBOX_NO, /* one message, whatever is in it */
};

struct mbox {
	/* Set by the owner.  The octets are valid during the call; `at` is where the
	 * message begins in the file; from_ms is the From_ line's time or 0.  octets.p
	 * is NULL for a message beyond `limit`. */
	void (*message)(void *ctx, struct str octets, uint64_t at, int64_t from_ms);
	void *ctx;
	enum mbox_kind kind;
	size_t limit;

	/* private */
	struct buf in, unquoted;
	size_t begin, scanned; /* of the message in `in`; where to look on */
	uint64_t offset;       /* of in.p[0] in the file */
	uint64_t message_at;
	bool known; /* the first octets were looked at */
	bool beyond;
};

void mbox_feed(struct mbox *m, const void *p, size_t n);
void mbox_end(struct mbox *m); /* gives the last message; {0} but for the owner's part */
void mbox_release(struct mbox *m);

/* "From SENDER Thu Aug 22 14:23:39 2002", perhaps without seconds, with a zone before
 * or behind the year: 0 with the time (of UTC if there is no zone), or -1. */
int mbox_from_line(struct str line, int64_t *ms);

#endif
