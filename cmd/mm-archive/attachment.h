/* attachment.h: the attachments of a message, one by one, as the index counts them: parts
 * with a file name or the disposition "attachment", and messages. */
#ifndef MM_ARCHIVE_ATTACHMENT_H
#define MM_ARCHIVE_ATTACHMENT_H

#include "str.h"

struct attachment {
	unsigned number;   /* from 1, those within attached messages too */
	struct str type;   /* "image/png", as the part has it */
	struct str name;   /* decoded UTF-8; empty: it has none */
	struct str octets; /* decoded */
};

/* Calls `each` in order; its argument is valid during the call.  What it returns other
 * than 0 ends this and is returned. */
typedef int attachment_each(void *arg, const struct attachment *a);
int attachments(struct str message, attachment_each *each, void *arg);

#endif
