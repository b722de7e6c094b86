/* fold.h: what sorting and grouping compare. */
#ifndef MM_FOLD_H
#define MM_FOLD_H

#include <sqlite3.h>

/* Gives the connection
 *     fold(TEXT)          with its case folded, without quotes at the start
 *     fold_subject(TEXT)  the same without Re:, Fwd: and the like
 *     address_in(TEXT)    the address of a From field, in lower case
 * 0, or -1. */
int fold_functions(sqlite3 *db);

#endif
