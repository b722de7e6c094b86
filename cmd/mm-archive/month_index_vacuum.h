/* month_index_vacuum.h: an index written anew, without gaps. */
#ifndef MM_MONTH_INDEX_VACUUM_H
#define MM_MONTH_INDEX_VACUUM_H

#include "month_index.h"

/* Of an encrypted index all is in memory meanwhile, as its pages are to be nowhere else in the
 * clear; of another it is in a temporary file.  Within the month's turn, outside of a
 * transaction.  0; 1 when somebody read it for too long; -1 after the
 * reason was logged. */
int month_index_vacuum(struct month_index *x);

/* Would that take more memory than a filter should have? */
bool month_index_vacuum_is_costly(struct month_index *x);

#endif
