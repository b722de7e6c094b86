/* forget_ids.h: the messages that are to be erased. */
#ifndef MM_FORGET_IDS_H
#define MM_FORGET_IDS_H

#include <sqlite3.h>
#include <stddef.h>

struct forget_ids {
	char **list; /* sorted, each once */
	size_t n;
};

/* The place in the list of the id that a tar entry belongs to: ID.eml, ID.envelope or
 * ID+N.envelope; -1 when it is another's. */
long forget_ids_of_entry(const struct forget_ids *ids, const char *name);

/* Fills the connection's table temp.forgetting(n) anew with the rows that the messages have
 * in the index.  0, or -1 after the reason was logged. */
int forget_ids_mark(const struct forget_ids *ids, sqlite3 *db);

#endif
