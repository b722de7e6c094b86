/* forget_words.h: the words of messages, out of an index that has no other trace of which
 * those are than the words themselves. */
#ifndef MM_FORGET_WORDS_H
#define MM_FORGET_WORDS_H

#include <sqlite3.h>

/* Both for the messages that forget_ids_mark() has marked; 0, or -1 after the reason was
 * logged.  The first reads all words of the index, and what it has read the second, within a
 * transaction, deletes. */
int forget_words_read(sqlite3 *db);
int forget_words_delete(sqlite3 *db);

#endif
