#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "crew.h"
#include "mem.h"
#include "quiet.h"
#include "source.h"

#define CHUNK_OCTETS (32u << 10)  /* of results, before they are handed over */
#define WAITING_OCTETS (1u << 20) /* of results of one month, before it waits */
#define ALL_WAITING (8u << 20) /* of all months, before those wait that are not printed yet */
#define LOOK_MS 20 /* between looks for the few that it is not worth waking somebody for */

struct job {
	size_t first, n; /* of the places: those of a month, or one */
	struct chunk chunk;
	sqlite3 *db; /* while it steps */
	bool done;
};

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

/* Hands over what was found, if it is time to. */
static void
hand_over(struct crew *c, struct job *j, struct chunk *mine, bool last)
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

static void
note_failure(struct crew *c)
{
	crew_lock(c);
	c->failed = true;
	crew_unlock(c);
}

/* Only while it steps may a query be interrupted: what row() asks of the index would be
 * interrupted with it, and be taken for damage. */
static int
step(struct crew *c, struct job *j, struct reader *r)
{
	int rc = SQLITE_DONE;
	crew_lock(c);
	j->db = c->stop ? NULL : r->db;
	crew_unlock(c);
	if (j->db)
		rc = sqlite3_step(r->st);
	crew_lock(c);
	j->db = NULL;
	if (c->stop)
		rc = SQLITE_DONE;
	crew_unlock(c);
	return rc;
}

/* To the next row; afterwards there may be none. */
static void
advance(struct crew *c, struct job *j, struct source *s)
{
	int rc = step(c, j, &s->reader);
	source_stepped(s, rc, c->by_time);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return;
	index_log_error(s->reader.db, "cannot search the index");
	note_failure(c);
}

static void
read_rows(struct crew *c, struct job *j, struct source *list)
{
	struct chunk mine = {0};
	for (struct source *s; (s = source_newest(list, j->n)); advance(c, j, s)) {
		size_t before = mine.text.n;
		if (c->row(c, &s->reader, &mine) < 0) {
			note_failure(c);
			mine.text.n = before;
			continue;
		}
		chunk_end(&mine);
		hand_over(c, j, &mine, false);
	}
	hand_over(c, j, &mine, true);
	chunk_release(&mine);
}

/* Messages that the query wanted to look into and could not; when it was interrupted, that
 * was why. */
static void
note_unread(struct crew *c, const struct source *list, size_t n)
{
	crew_lock(c);
	for (size_t i = 0; i < n; i++)
		c->failed = c->failed || (list[i].reader.frames.unread && !c->stop);
	crew_unlock(c);
}

/* False: it has to be read in the ordinary way. */
static bool
do_quickly(struct crew *c, struct job *j)
{
	struct chunk all = {0};
	bool failed = false;
	enum quiet result = quiet_read(c, &c->places[j->first], j->n, &all, &failed);
	if (result == QUIET_READ)
		hand_over(c, j, &all, true);
	crew_lock(c);
	c->failed = c->failed || failed;
	c->quick = c->quick && result != QUIET_LONG; /* others will take as long */
	crew_unlock(c);
	chunk_release(&all);
	return result == QUIET_READ;
}

static void
do_job(struct crew *c, struct job *j)
{
	struct source *list = xcalloc(j->n, sizeof(*list));
	for (size_t i = 0; i < j->n; i++) {
		int rc = reader_open(
			&list[i].reader, &c->places[j->first + i], c->sql, c->condition, false);
		if (rc == 1)
			advance(c, j, &list[i]);
		else if (rc < 0)
			note_failure(c);
	}
	read_rows(c, j, list);
	note_unread(c, list, j->n);
	source_close_all(list, j->n);
	free(list);
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
		if (!quick || !do_quickly(c, j))
			do_job(c, j);
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
	do_job(c, j);
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
