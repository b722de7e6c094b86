/* dmarc_store.h: appends rows to the database of aggregate reports, a second's worth
 * at once.  It never makes mail wait or fail: what cannot be written is tried again,
 * and given up when it becomes too much. */
#ifndef MM_VERDICT_DMARC_STORE_H
#define MM_VERDICT_DMARC_STORE_H

#include <ev.h>

#include "dmarc_row.h"

#define DMARC_STORE_BATCH 500    /* rows that are written without waiting for the second */
#define DMARC_STORE_PENDING 5000 /* rows kept while they cannot be written */

struct dmarc_store;

/* NULL after an error was logged. */
struct dmarc_store *dmarc_store_open(struct ev_loop *loop, const char *path);

/* Takes the row. */
void dmarc_store_add(struct dmarc_store *s, struct dmarc_row row);

/* Writes what is left; waits for other writers a moment. */
void dmarc_store_close(struct dmarc_store *s);

#endif
