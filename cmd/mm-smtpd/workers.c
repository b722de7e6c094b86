#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "metrics.h"
#include "server.h"
#include "workers.h"

#define BACKOFF_LEAST_MS 100
#define BACKOFF_MOST_MS 10000
#define HEALTHY_MS 60000 /* who lived as long begins with the least again */

struct worker {
	pid_t pid; /* 0: it does not run */
	int64_t started_ms, due_ms, backoff_ms;
};

struct supervisor {
	struct config cfg; /* of a worker, with its share of the connections */
	struct sockets sockets;
	struct worker workers[WORKERS_MOST];
	size_t n;
	sigset_t signals, normal;
	int ready[2]; /* each worker closes its [1] when it serves; -1 later */
	bool stopping;
};

_Static_assert(WORKERS_MOST <= METRICS_PROCESSES, "each worker has its gauges");

static void
become_worker(struct supervisor *s, const struct worker *w, pid_t supervisor)
{
	/* A terminal's SIGINT comes from the supervisor, not twice; without a
	 * supervisor nobody would stop us. */
	(void)setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != supervisor)
		_exit(EX_TEMPFAIL);
	if (s->cfg.ready_fd > 2)
		close(s->cfg.ready_fd);
	metrics_process((size_t)(w - s->workers));
	if (w != s->workers) /* one tells the counters of all */
		s->cfg.metrics = NULL;
	if (s->ready[0] >= 0)
		close(s->ready[0]);
	sockets_disown(&s->sockets);
	exit(server_work(&s->cfg, &s->sockets, &s->normal, s->ready[1]));
}

static void
plan_restart(struct worker *w, int64_t now)
{
	if (w->backoff_ms == 0 || now - w->started_ms >= HEALTHY_MS)
		w->backoff_ms = BACKOFF_LEAST_MS;
	else
		w->backoff_ms *= 2;
	if (w->backoff_ms > BACKOFF_MOST_MS)
		w->backoff_ms = BACKOFF_MOST_MS;
	w->due_ms = now + w->backoff_ms;
}

static void
start_worker(struct supervisor *s, struct worker *w)
{
	struct logline l;
	pid_t self = getpid(), pid = fork();
	if (pid == 0)
		become_worker(s, w, self);
	w->started_ms = clock_mono_ms();
	if (pid < 0) {
		log_error("cannot start a worker: %s", strerror(errno));
		plan_restart(w, w->started_ms);
		return;
	}
	w->pid = pid;
	log_begin(&l, LOG_INFO, "worker-started");
	log_num(&l, "pid", pid);
	log_end(&l);
}

static void
start_due(struct supervisor *s)
{
	int64_t now = clock_mono_ms();
	for (size_t i = 0; i < s->n && !s->stopping; i++)
		if (!s->workers[i].pid && s->workers[i].due_ms <= now)
			start_worker(s, &s->workers[i]);
}

static size_t
running(const struct supervisor *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += s->workers[i].pid != 0;
	return n;
}

static void
ended(struct supervisor *s, struct worker *w, int status)
{
	struct logline l;
	int64_t now = clock_mono_ms();
	log_begin(&l, s->stopping ? LOG_INFO : LOG_ERROR, "worker-ended");
	log_num(&l, "pid", w->pid);
	if (WIFSIGNALED(status))
		log_num(&l, "signal", WTERMSIG(status));
	else
		log_num(&l, "exit", WEXITSTATUS(status));
	w->pid = 0;
	metrics_process_ended((size_t)(w - s->workers));
	if (!s->stopping) {
		plan_restart(w, now);
		log_num(&l, "restart-ms", w->backoff_ms);
	}
	log_end(&l);
}

static void
reap(struct supervisor *s)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < s->n; i++)
			if (s->workers[i].pid == pid)
				ended(s, &s->workers[i], status);
}

static void
pass_on(const struct supervisor *s, int signum)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->workers[i].pid)
			(void)kill(s->workers[i].pid, signum);
}

/* Until a signal comes or a worker is due; -1 for the latter. */
static int
next_signal(const struct supervisor *s)
{
	int64_t now = clock_mono_ms(), wait_ms = HEALTHY_MS;
	for (size_t i = 0; i < s->n && !s->stopping; i++) {
		int64_t left = s->workers[i].due_ms - now;
		if (!s->workers[i].pid && left < wait_ms)
			wait_ms = left > 0 ? left : 0;
	}
	struct timespec t = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000};
	return sigtimedwait(&s->signals, NULL, &t);
}

static void
supervise(struct supervisor *s)
{
	while (!s->stopping || running(s)) {
		int signum = next_signal(s);
		if (signum == SIGTERM || signum == SIGINT) {
			s->stopping = true;
			sockets_close(&s->sockets);
			pass_on(s, signum);
		} else if (signum == SIGHUP) {
			pass_on(s, signum);
		}
		reap(s);
		start_due(s);
	}
}

/* Ends when each worker serves or has died. */
static void
await_workers(struct supervisor *s)
{
	char octet;
	close(s->ready[1]);
	while (read(s->ready[0], &octet, 1) < 0 && errno == EINTR)
		;
	close(s->ready[0]);
	s->ready[0] = s->ready[1] = -1;
}

/* The signals stay blocked in the supervisor, which asks for them, and in a worker
 * until it has handlers for them, so that none is lost. */
static int
prepare(struct supervisor *s, const struct config *cfg)
{
	s->cfg = *cfg;
	s->n = cfg->workers;
	s->cfg.max_connections = (cfg->max_connections + s->n - 1) / s->n;
	sigemptyset(&s->signals);
	sigaddset(&s->signals, SIGCHLD);
	sigaddset(&s->signals, SIGTERM);
	sigaddset(&s->signals, SIGINT);
	sigaddset(&s->signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &s->signals, &s->normal);
	if (sockets_open(&s->sockets, cfg) < 0 || server_check(cfg) < 0)
		return -1;
	if (pipe2(s->ready, O_CLOEXEC) < 0) {
		log_error("cannot make a pipe: %s", strerror(errno));
		return -1;
	}
	return 0;
}

int
workers_run(const struct config *cfg)
{
	static struct supervisor s;
	int status = EX_TEMPFAIL;
	if (prepare(&s, cfg) == 0) {
		start_due(&s);
		await_workers(&s);
		if (sockets_announce(&s.sockets, cfg) == 0) {
			status = EX_OK;
		} else {
			s.stopping = true;
			pass_on(&s, SIGTERM);
		}
		s.cfg.ready_fd = -1;
		supervise(&s);
	}
	sockets_release(&s.sockets);
	return status;
}
