/* crew_impl.h: what crew.c, the threads, and crew_read.c, what each does, share. */
#ifndef MM_CREW_IMPL_H
#define MM_CREW_IMPL_H

#include "crew.h"

struct job {
	size_t first, n; /* of the places: those of a month, or one */
	struct chunk chunk;
	sqlite3 *db; /* while it steps */
	bool done;
};

/* Reads the job's places, and hands over what they have. */
void crew_read(struct crew *c, struct job *j);

/* The same without locks; false: it has to be read in the ordinary way. */
bool crew_read_quickly(struct crew *c, struct job *j);

/* Has row() add the result that the reader is at; -1 when it could not, and nothing of it is
 * there. */
int crew_take_row(struct crew *c, struct reader *r, struct chunk *out);

/* Hands over what was found, if it is time to. */
void crew_hand_over(struct crew *c, struct job *j, struct chunk *mine, bool last);

#endif
