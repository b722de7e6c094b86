/* body_changes.h: what is done to bodies on their way, and how it is undone. */
#ifndef MM_VERDICT_BODY_CHANGES_H
#define MM_VERDICT_BODY_CHANGES_H

#include "buf.h"
#include "message.h"

struct body_change {
	/* Appends the body as it was before.  False when it cannot have been so. */
	bool (*undo)(const struct message *msg, struct buf *before);
	const char *what, *fix; /* literals */
};

extern const struct body_change body_changes[]; /* up to one without a function */

#endif
