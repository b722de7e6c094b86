/* source_reading.h: a file, or an entry of a packed file, on its way through an mbox to the
 * owner of a source; private to source*.c. */
#ifndef MM_SOURCE_READING_H
#define MM_SOURCE_READING_H

#include "source.h"

#define SOURCE_CHUNK (256u << 10)

struct reading {
	struct source *source;
	struct found found;
	struct mbox mbox;
	bool mail; /* where it is or what it is called says so */
};

/* path: what messages are said to be from; name: what may tell of which kind it is.  Both
 * must stay.  mbox_release() of r->mbox after use. */
void reading_start(struct reading *r, struct source *s, const char *path, struct str name);

/* Is it a file that stands beside mail? */
bool source_holds_no_mail(struct str name);

/* A file that libarchive unpacks: by its first octets. */
bool source_is_packed(struct str head);

/* All of it; head: what was read of fd already. */
void source_packed(struct source *s, const char *path, int fd, struct str head);

#endif
