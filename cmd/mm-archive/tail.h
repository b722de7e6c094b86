/* tail.h: what a tar file has behind the frames that can be read one behind the other.  A
 * crash leaves a frame there that was never finished and that nobody was told of.  Where a
 * whole frame comes further on it is damage: nothing of that may be cut off. */
#ifndef MM_TAIL_H
#define MM_TAIL_H

#include "month_index.h"

/* Is all from `end` on, but for whole frames, of a frame that was never finished?  1; 0 after
 * damage was logged; -1 after the reason was logged. */
int tail_is_torn(
	const struct archive_keys *keys, const char *dir, const char *name, uint64_t end);

/* Makes the index know the whole frames of a file whose flock the caller holds by fd, and
 * cuts off what was never finished; in a closed one that stays.  Returns as above. */
int tail_settle(struct month_index *x, const char *dir, const char *name, int fd);

/* Makes the index of a file that is damaged know what is whole behind the damage, which is
 * logged; what is there may be all that there is.  The caller holds the flock. */
void tail_salvage(struct month_index *x, const char *dir, const char *name);

#endif
