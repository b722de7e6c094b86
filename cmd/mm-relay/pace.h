/* pace.h: so many messages in so much time, spread evenly. */
#ifndef MM_PACE_H
#define MM_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

/* {.gap_us = ...}; 0: there is no limit. */
struct pace {
	int64_t gap_us;  /* between two messages */
	int64_t next_us; /* when the next one may go */
};

/* "10/s", "600/m", "1000/h": the gap in microseconds, at least one.  0, or -1 when it is none
 * of these. */
int pace_parse(struct str text, int64_t *gap_us);

/* Microseconds until the next may go; 0: now. */
int64_t pace_wait(const struct pace *p, int64_t now_us);

/* One goes. */
void pace_take(struct pace *p, int64_t now_us);

#endif
