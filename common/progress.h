/* progress.h: how far a long command is, as one line that is written over, on
 * standard error and only where that is a terminal. */
#ifndef MM_PROGRESS_H
#define MM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool shown; /* is there a terminal? */
	int64_t begun, last;
};

void progress_start(struct progress *p);

/* Cheap enough for every message: writes at most ten times a second.  octets_all:
 * 0 when it is not known how many there will be. */
void progress_show(struct progress *p, uint64_t messages, uint64_t octets, uint64_t octets_all);

/* Takes the line away, so that something else can be written. */
void progress_clear(struct progress *p);

#endif
