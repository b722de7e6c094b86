#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "authenticator.h"
#include "log.h"
#include "mem.h"

#define JOBS_MAX 256
#define SECRETS_MAX 4 /* of one user */

struct auth_job {
	struct secret secrets[SECRETS_MAX];
	size_t nsecrets;
	bool decoy; /* no such user: whatever comes out, it is no */
	char *password;
	bool good;
	auth_done *done; /* the loop's alone; NULL: cancelled */
	void *arg;
	struct auth_job *next;
};

struct authenticator {
	struct ev_loop *loop;
	struct ev_async finished;
	size_t jobs; /* the loop's alone */
	bool running;
	pthread_t thread;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t work;
	struct auth_job *waiting, *ready;
	bool stop;
};

static void
job_free(struct auth_job *j)
{
	for (size_t i = 0; i < j->nsecrets; i++)
		secret_wipe(&j->secrets[i]);
	explicit_bzero(j->password, strlen(j->password));
	free(j->password);
	free(j);
}

static void
check(struct auth_job *j)
{
	for (size_t i = 0; i < j->nsecrets; i++)
		j->good = secret_matches(&j->secrets[i], j->password) || j->good;
	j->good = j->good && !j->decoy;
}

static void *
work(void *arg)
{
	struct authenticator *a = arg;
	pthread_mutex_lock(&a->lock);
	for (;;) {
		while (!a->waiting && !a->stop)
			pthread_cond_wait(&a->work, &a->lock);
		if (a->stop)
			break;
		struct auth_job *j = a->waiting;
		LL_DELETE(a->waiting, j);
		pthread_mutex_unlock(&a->lock);
		check(j);
		pthread_mutex_lock(&a->lock);
		LL_APPEND(a->ready, j);
		ev_async_send(a->loop, &a->finished);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static void
on_finished(struct ev_loop *loop, struct ev_async *w, int events)
{
	struct authenticator *a = w->data;
	(void)loop, (void)events;
	pthread_mutex_lock(&a->lock);
	struct auth_job *ready = a->ready, *next;
	a->ready = NULL;
	pthread_mutex_unlock(&a->lock);
	for (; ready; ready = next) {
		next = ready->next;
		a->jobs--;
		if (ready->done)
			ready->done(ready->arg, ready->good);
		job_free(ready);
	}
}

struct authenticator *
authenticator_new(struct ev_loop *loop)
{
	struct authenticator *a = xcalloc(1, sizeof(*a));
	a->loop = loop;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	ev_async_init(&a->finished, on_finished);
	a->finished.data = a;
	ev_async_start(loop, &a->finished);
	return a;
}

/* Signals are the loop's. */
static int
start_thread(struct authenticator *a)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&a->thread, NULL, work, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		log_error("cannot start a thread: %s", strerror(rc));
	a->running = rc == 0;
	return rc == 0 ? 0 : -1;
}

static void
collect_secrets(struct auth_job *j, const struct credentials *c, const char *user)
{
	for (size_t i = 0; i < c->n && j->nsecrets < SECRETS_MAX; i++)
		if (strcmp(c->list[i].user, user) == 0)
			secret_copy(&j->secrets[j->nsecrets++], &c->list[i].secret);
	j->decoy = j->nsecrets == 0;
	if (j->decoy && c->n)
		secret_copy(&j->secrets[j->nsecrets++], &c->list[0].secret);
}

struct auth_job *
authenticator_submit(struct authenticator *a, const struct credentials *c, const char *user,
	const char *password, auth_done *done, void *arg)
{
	if (a->jobs >= JOBS_MAX || (!a->running && start_thread(a) < 0))
		return NULL;
	struct auth_job *j = xcalloc(1, sizeof(*j));
	collect_secrets(j, c, user);
	j->password = xstrdup(password);
	j->done = done;
	j->arg = arg;
	a->jobs++;
	pthread_mutex_lock(&a->lock);
	LL_APPEND(a->waiting, j);
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
	return j;
}

void
authenticator_cancel(struct auth_job *job)
{
	job->done = NULL;
}

static void
free_all(struct auth_job *list)
{
	struct auth_job *j, *next;
	LL_FOREACH_SAFE(list, j, next)
	job_free(j);
}

void
authenticator_free(struct authenticator *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
	if (a->running)
		pthread_join(a->thread, NULL);
	ev_async_stop(a->loop, &a->finished);
	free_all(a->waiting);
	free_all(a->ready);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->work);
	free(a);
}
