/* reserve.h: DIR/reserve, space kept for a full disk.  Taking records out of the
 * queue needs some room for the log; without it what was delivered could not be
 * written down, and would be delivered again. */
#ifndef MM_QUEUE_RESERVE_H
#define MM_QUEUE_RESERVE_H

#include <stdbool.h>

/* Makes it if it is not there; false with errno set when there is no room. */
bool reserve_make(const char *dir);

/* Gives it up; was there one? */
bool reserve_give_up(const char *dir);

#endif
