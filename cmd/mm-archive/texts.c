#include <sched.h>
#include <signal.h>

#include "texts.h"

#define WORTH_A_THREAD 8   /* messages */
#define AHEAD (8ull << 20) /* octets of messages whose texts wait to be used */

static void
make(struct pending *p)
{
	if (p->row.text)
		return;
	index_text_make(&p->text, str_n(p->rec->body->p, p->rec->body->n));
	p->row.text = &p->text;
}

static bool
may_go_on(const struct texts *t)
{
	return t->next < t->n && t->taken < t->used + AHEAD;
}

static void *
work(void *arg)
{
	struct texts *t = arg;
	(void)pthread_mutex_lock(&t->lock);
	while (!t->stop) {
		if (!may_go_on(t)) {
			(void)pthread_cond_wait(&t->begun, &t->lock);
			continue;
		}
		struct pending *p = t->list[t->next];
		t->busy_with = t->next++;
		t->taken = p->end;
		t->busy = true;
		(void)pthread_mutex_unlock(&t->lock);
		make(p);
		(void)pthread_mutex_lock(&t->lock);
		t->busy = false;
		(void)pthread_cond_signal(&t->done);
	}
	(void)pthread_mutex_unlock(&t->lock);
	return NULL;
}

static bool
several_processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1;
}

/* Without a thread, texts_need() makes them all. */
static void
start(struct texts *t)
{
	sigset_t all, before;
	(void)pthread_mutex_init(&t->lock, NULL);
	(void)pthread_cond_init(&t->begun, NULL);
	(void)pthread_cond_init(&t->done, NULL);
	(void)sigfillset(&all); /* signals are the main thread's */
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	t->running = pthread_create(&t->thread, NULL, work, t) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void
texts_begin(struct texts *t, struct pending **list, size_t n)
{
	uint64_t octets = 0;
	for (size_t i = 0; i < n; i++) {
		list[i]->place = i;
		list[i]->end = octets += list[i]->rec->body->n;
	}
	if (!t->running && n >= WORTH_A_THREAD && several_processors())
		start(t);
	if (!t->running)
		return;
	(void)pthread_mutex_lock(&t->lock);
	t->list = list;
	t->n = n;
	t->next = 0;
	t->taken = t->used = 0;
	(void)pthread_cond_signal(&t->begun);
	(void)pthread_mutex_unlock(&t->lock);
}

/* Up to p the thread need not take any, and may make as many more. */
static void
pass(struct texts *t, const struct pending *p)
{
	if (t->next <= p->place)
		t->next = p->place + 1;
	if (t->taken < p->end)
		t->taken = p->end;
	if (t->used < p->end)
		t->used = p->end;
	(void)pthread_cond_signal(&t->begun);
}

void
texts_need(struct texts *t, struct pending *p)
{
	if (!t->running) {
		make(p);
		return;
	}
	(void)pthread_mutex_lock(&t->lock);
	while (t->busy && t->busy_with == p->place)
		(void)pthread_cond_wait(&t->done, &t->lock);
	pass(t, p);
	(void)pthread_mutex_unlock(&t->lock);
	make(p);
}

void
texts_leave(struct texts *t, const struct pending *p)
{
	if (!t->running)
		return;
	(void)pthread_mutex_lock(&t->lock);
	pass(t, p);
	while (t->busy && t->busy_with <= p->place)
		(void)pthread_cond_wait(&t->done, &t->lock);
	(void)pthread_mutex_unlock(&t->lock);
}

void
texts_end(struct texts *t)
{
	if (!t->running)
		return;
	(void)pthread_mutex_lock(&t->lock);
	t->n = t->next = 0;
	while (t->busy)
		(void)pthread_cond_wait(&t->done, &t->lock);
	(void)pthread_mutex_unlock(&t->lock);
}

void
texts_close(struct texts *t)
{
	if (!t->running)
		return;
	(void)pthread_mutex_lock(&t->lock);
	t->stop = true;
	(void)pthread_cond_signal(&t->begun);
	(void)pthread_mutex_unlock(&t->lock);
	(void)pthread_join(t->thread, NULL);
	(void)pthread_mutex_destroy(&t->lock);
	(void)pthread_cond_destroy(&t->begun);
	(void)pthread_cond_destroy(&t->done);
	t->running = false;
}
