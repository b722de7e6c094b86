/* wake.h: DIR/wake, a FIFO by which `mm-queue run` hears at once of what others
 * did to its queue. */
#ifndef MM_QUEUE_WAKE_H
#define MM_QUEUE_WAKE_H

#include <stdbool.h>

/* A descriptor for either side, made if it is not there; -1 with errno set. */
int wake_open(const char *dir);

/* Never waits; that nobody listens, or that the FIFO is full, does no harm. */
void wake_added(int fd);
void wake_changed(int fd); /* rows that were there have become due, or are held */

/* Takes all that was said; was there a wake_changed() among it? */
bool wake_take(int fd);

#endif
