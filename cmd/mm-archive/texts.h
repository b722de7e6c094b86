/* texts.h: the texts of messages that are to be committed, made by a thread of their own
 * while frames are packed and rows are written, also of batches before. */
#ifndef MM_TEXTS_H
#define MM_TEXTS_H

#include <pthread.h>

#include "batch.h"

/* {0} is one without a list; the thread begins with the first list that is worth it. */
struct texts {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t begun, done;
	bool running, stop;
	struct pending **list;
	size_t n;
	size_t next;          /* the first that nobody has taken */
	uint64_t taken, used; /* octets of the list up to there, and up to what was needed */
	bool busy;            /* the thread has one */
	size_t busy_with;
};

/* From now on the texts of these are made, one after the other, some MiB ahead of what is
 * needed; the list must stay until texts_end(), the messages until texts_leave(). */
void texts_begin(struct texts *t, struct pending **list, size_t n);

/* Returns once it has its text; makes it if nobody has begun to. */
void texts_need(struct texts *t, struct pending *p);

/* Neither p nor what is before it is touched from now on. */
void texts_leave(struct texts *t, const struct pending *p);

/* Nothing of the list is, whatever is not made. */
void texts_end(struct texts *t);

void texts_close(struct texts *t);

#endif
