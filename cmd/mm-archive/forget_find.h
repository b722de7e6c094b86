/* forget_find.h: which tar files of a month hold entries of messages. */
#ifndef MM_FORGET_FIND_H
#define MM_FORGET_FIND_H

#include <stdint.h>

#include "archive_frame.h"
#include "forget_ids.h"

struct forget_hit {
	char *file;
	size_t id; /* place in the list */
};

struct forget_hits {
	struct forget_hit *list; /* by file, then id; each once */
	size_t n, cap;
	int64_t last_frame; /* newest row of a frame that was looked at */
};

/* Adds what frames newer than h->last_frame have of the messages, which
 * forget_ids_mark() has marked, and moves that on: also recipients that came later
 * and entries that were stored twice, wherever they are.  Only frames are read that the index
 * knows, and of those only the ones with more in them than messages of the index.  0, or -1
 * after the reason was logged. */
int forget_find(struct forget_hits *h, sqlite3 *db, struct frame_reader *fr,
	const struct forget_ids *ids);
void forget_hits_release(struct forget_hits *h);

#endif
