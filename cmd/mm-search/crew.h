/* crew.h: threads that read months side by side; what they find comes in the order of
 * the months all the same, as soon as it is there. */
#ifndef MM_CREW_H
#define MM_CREW_H

#include <pthread.h>

#include "chunk.h"
#include "places.h"

struct job; /* a month: of all archives, or of one */
struct crew;

/* Takes the row that r->st is at: adds what it makes of it to *out, or (NULL there)
 * holds crew_lock() while it puts it elsewhere.  -1 after the reason was logged. */
typedef int crew_row(struct crew *c, struct reader *r, struct chunk *out);

struct crew {
	const char *sql; /* see reader_open() */
	const struct query_sql *condition;
	struct place *places;
	size_t n;
	bool by_time; /* rows are INDEX_ROW; those of a month are merged by time */
	crew_row *row;
	void *ctx;  /* for row */
	bool quick; /* row does nothing but add to *out: what it did can be thrown away */
	bool reads_messages; /* row does */

	/* private */
	struct job *jobs;
	size_t njobs;
	size_t taken, current;
	pthread_t *threads;
	unsigned nthreads;
	pthread_mutex_t lock;
	pthread_cond_t filled, drained;
	size_t waiting; /* octets of results that are not printed yet */
	bool stop, failed;
	bool alone; /* there are no threads */
};

/* At most `threads` of them, and as many as there are processors. */
void crew_start(struct crew *c, unsigned threads);

/* Takes the next results, waiting for them; `waits` (may be NULL) is called before.
 * false when all months are done. */
bool crew_next(struct crew *c, struct chunk *out, void (*waits)(void));

/* Ends what still runs.  True if all months could be read. */
bool crew_stop(struct crew *c);

void crew_lock(struct crew *c);
void crew_unlock(struct crew *c);

#endif
