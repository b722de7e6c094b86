/* texts.h: the texts of a batch's messages, taken out by a thread of their own while
 * frames are packed and rows are written. */
#ifndef MM_TEXTS_H
#define MM_TEXTS_H

#include <pthread.h>

#include "batch.h"

/* {0} is one without a batch; the thread begins with the first batch that is worth it. */
struct texts {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t begun, done;
	bool running, stop;
	struct pending **list;
	size_t n, next; /* the first that nobody has taken */
	bool busy;      /* the thread has one */
	size_t busy_with;
};

/* From now on the texts of these are made, of those that have none and are no duplicates;
 * the list must stay until texts_end(). */
void texts_begin(struct texts *t, struct pending **list, size_t n);

/* Returns once list[i] has its text; makes it if nobody has begun to. */
void texts_need(struct texts *t, size_t i);

/* Nothing of the list is touched from now on, whatever is not made. */
void texts_end(struct texts *t);

void texts_close(struct texts *t);

#endif
