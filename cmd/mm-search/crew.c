#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "crew_impl.h"
#include "mem.h"

#define CHUNK_OCTETS (32u << 10)  /* of results, before they are handed over */
#define WAITING_OCTETS (1u << 20) /* of results of one month, before it waits */
#define ALL_WAITING (8u << 20) /* of all months, before those wait that are not printed yet */
#define LOOK_MS 20 /* between looks for the few that it is not worth waking somebody for */

void
crew_lock(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
}

void
crew_unlock(struct crew *c)
{
	pthread_mutex_unlock(&c->lock);
}

static bool
is_current(const struct crew *c, const struct job *j)
{
	return c->current == (size_t)(j - c->jobs);
}

static bool
is_enough(const struct crew *c, const struct job *j)
{
	return !c->stop && !c->alone &&
	       (j->chunk.text.n >= WAITING_OCTETS ||
		       (c->waiting >= ALL_WAITING && !is_current(c, j)));
}

void
crew_hand_over(struct crew *c, struct job *j, struct chunk *mine, bool last)
{
	crew_lock(c);
	if (mine->n && (last || is_current(c, j) || mine->text.n >= CHUNK_OCTETS)) {
		while (is_enough(c, j))
			pthread_cond_wait(&c->drained, &c->lock);
		c->waiting += mine->text.n;
		chunk_move(&j->chunk, mine);
		if (last || j->chunk.text.n >= CHUNK_OCTETS)
			pthread_cond_signal(&c->filled);
	}
	crew_unlock(c);
}

static void *
work(void *arg)
{
	struct crew *c = arg;
	crew_lock(c);
	while (!c->stop && c->taken < c->njobs) {
		struct job *j = &c->jobs[c->taken++];
		bool quick = c->quick;
		crew_unlock(c);
		if (!quick || !crew_read_quickly(c, j))
			crew_read(c, j);
		crew_lock(c);
		j->done = true;
		pthread_cond_signal(&c->filled);
	}
	crew_unlock(c);
	return NULL;
}

static bool
same_month(const struct place *a, const struct place *b)
{
	return a->month.year == b->month.year && a->month.month == b->month.month;
}

static void
make_jobs(struct crew *c)
{
	c->jobs = xcalloc(c->n + 1, sizeof(struct job));
	for (size_t i = 0; i < c->n; i++) {
		if (i == 0 || !c->by_time || !same_month(&c->places[i - 1], &c->places[i]))
			c->jobs[c->njobs++].first = i;
		c->jobs[c->njobs - 1].n++;
	}
}

void
crew_start(struct crew *c, unsigned threads)
{
	make_jobs(c);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (processors > 0 && threads > (unsigned long)processors)
		threads = (unsigned)processors;
	if (threads > c->njobs)
		threads = (unsigned)c->njobs;
	c->threads = xcalloc(threads + 1, sizeof(pthread_t));
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->filled, NULL);
	pthread_cond_init(&c->drained, NULL);
	for (unsigned i = 0; i < threads; i++)
		if (pthread_create(&c->threads[c->nthreads], NULL, work, c) == 0)
			c->nthreads++;
}

/* Where no thread can be had, it is done here, a month in one piece. */
static void
without_threads(struct crew *c)
{
	struct job *j = &c->jobs[c->current];
	c->alone = true;
	crew_unlock(c);
	crew_read(c, j);
	crew_lock(c);
	j->done = true;
}

static void
wait_for_more(struct crew *c)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_MS * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	(void)pthread_cond_clockwait(&c->filled, &c->lock, CLOCK_MONOTONIC, &until);
}

/* What was printed is to be seen while others are waited for. */
static void
tell(struct crew *c, void (*waits)(void))
{
	crew_unlock(c);
	waits();
	crew_lock(c);
}

static void
take_chunk(struct crew *c, struct job *j, struct chunk *out)
{
	chunk_release(out);
	*out = j->chunk;
	j->chunk = (struct chunk){0};
	c->waiting -= out->text.n;
	pthread_cond_broadcast(&c->drained);
}

bool
crew_next(struct crew *c, struct chunk *out, void (*waits)(void))
{
	bool told = !waits, found = false;
	crew_lock(c);
	while (c->current < c->njobs && !found) {
		struct job *j = &c->jobs[c->current];
		if (j->chunk.n) {
			take_chunk(c, j, out);
			found = true;
		} else if (j->done) {
			c->current++;
			pthread_cond_broadcast(&c->drained);
		} else if (c->nthreads == 0) {
			without_threads(c);
		} else if (!told) {
			tell(c, waits);
			told = true;
		} else {
			wait_for_more(c);
		}
	}
	crew_unlock(c);
	return found;
}

bool
crew_stop(struct crew *c)
{
	crew_lock(c);
	c->stop = true;
	for (size_t i = 0; i < c->njobs; i++)
		if (c->jobs[i].db)
			sqlite3_interrupt(c->jobs[i].db);
	pthread_cond_broadcast(&c->drained);
	crew_unlock(c);
	for (unsigned i = 0; i < c->nthreads; i++)
		pthread_join(c->threads[i], NULL);
	for (size_t i = 0; i < c->njobs; i++)
		chunk_release(&c->jobs[i].chunk);
	free(c->jobs);
	free(c->threads);
	pthread_cond_destroy(&c->filled);
	pthread_cond_destroy(&c->drained);
	pthread_mutex_destroy(&c->lock);
	return !c->failed;
}
