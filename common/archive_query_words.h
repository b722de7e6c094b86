/* archive_query_words.h: the parts of a query that FTS5 answers whole, in its syntax. */
#ifndef MM_ARCHIVE_QUERY_WORDS_H
#define MM_ARCHIVE_QUERY_WORDS_H

#include "archive_query.h"

/* Does the tree ask for words only, in a way that FTS5 can say: a NOT must stand
 * beside something that is wanted. */
bool query_is_words(const struct query *q);

/* The MATCH expression of such a tree; the caller frees. */
char *query_words(const struct query *q);

#endif
