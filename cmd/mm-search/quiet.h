/* quiet.h: a month whose indexes nobody writes to, read without locks in one piece. */
#ifndef MM_QUIET_H
#define MM_QUIET_H

#include "crew.h"

enum quiet {
	QUIET_READ,
	QUIET_NOT,  /* somebody does */
	QUIET_LONG, /* it takes too long to wait for all, or is too much to keep */
};

/* All results of the places, as crew_next() gives them, or none; *failed is set when a message
 * could not be read. */
enum quiet quiet_read(
	struct crew *c, const struct place *places, size_t n, struct chunk *out, bool *failed);

#endif
