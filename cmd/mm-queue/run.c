#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "commands.h"
#include "log.h"
#include "mem.h"
#include "reserve.h"
#include "runner.h"
#include "wake.h"

#define TIDY_MOST_S 600.

static void
on_wake(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct runner *r = w->data;
	(void)loop, (void)events;
	if (wake_take(r->wake))
		feed_changed(r);
	feed_fresh(r);
}

static void
on_due(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop, (void)events;
	feed_due(w->data);
}

static void
on_pause_end(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct runner *r = w->data;
	(void)loop, (void)events;
	r->paused = false;
}

static void
on_again(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop, (void)w, (void)events; /* before_wait() commits */
}

static void
on_grace_end(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct runner *r = w->data;
	(void)events;
	log_warn("%u records are still with the worker; they stay in the queue",
		HASH_COUNT(r->flights));
	ev_break(loop, EVBREAK_ALL);
}

static void
on_stop(struct ev_loop *loop, struct ev_signal *w, int events)
{
	struct runner *r = w->data;
	(void)events;
	if (r->stopping) {
		on_grace_end(loop, &r->grace, 0);
		return;
	}
	log_info("stopping: %u records in flight", HASH_COUNT(r->flights));
	r->stopping = true;
	ev_timer_set(&r->grace, (double)r->grace_ms / 1000, 0.);
	ev_timer_start(loop, &r->grace);
}

static enum store_left
tidy(struct runner *r)
{
	enum store_left left;
	do
		if (store_tidy(r->store, &left) < 0) {
			log_warn("%s", store_error(r->store));
			return LEFT_NOTHING;
		}
	while (left == LEFT_MORE);
	return left;
}

/* When there is nothing else to do, and under load once in a while.  A file that its
 * writer has still is looked at again, less and less often. */
static void
clear_away(struct runner *r)
{
	bool idle = !r->flights && !r->fresh_left && !r->due_left;
	if (r->tidied || (!idle && ev_now(r->loop) < r->tidy_next))
		return;
	r->tidy_next = ev_now(r->loop) + TIDY_EVERY_S;
	enum store_left left = tidy(r);
	r->tidied = idle;
	if (idle && store_shrink(r->store) < 0)
		log_warn("%s", store_error(r->store));
	ev_timer_stop(r->loop, &r->tidy);
	if (!idle || left == LEFT_NOTHING)
		return;
	ev_timer_set(&r->tidy, r->tidy_wait, 0.);
	ev_timer_start(r->loop, &r->tidy);
	r->tidy_wait = r->tidy_wait * 2 < TIDY_MOST_S ? r->tidy_wait * 2 : TIDY_MOST_S;
}

static void
on_tidy(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct runner *r = w->data;
	(void)loop, (void)events;
	r->tidied = false; /* before_wait() looks */
}

static void
before_wait(struct ev_loop *loop, struct ev_prepare *w, int events)
{
	struct runner *r = w->data;
	(void)events;
	do {
		settle_commit(r);
		feed(r);
	} while (r->nchanges > 0 && !ev_is_active(&r->again));
	clear_away(r);
	if (r->stopping && !r->flights)
		ev_break(loop, EVBREAK_ALL);
}

static void
watch(struct runner *r)
{
	ev_io_init(&r->woken, on_wake, r->wake, EV_READ);
	ev_signal_init(&r->term, on_stop, SIGTERM);
	ev_signal_init(&r->intr, on_stop, SIGINT);
	ev_timer_init(&r->due, on_due, 0., 0.);
	ev_timer_init(&r->pause, on_pause_end, 0., 0.);
	ev_timer_init(&r->again, on_again, 0., 0.);
	ev_timer_init(&r->grace, on_grace_end, 0., 0.);
	ev_timer_init(&r->tidy, on_tidy, 0., 0.);
	ev_prepare_init(&r->before_wait, before_wait);
	r->woken.data = r->term.data = r->intr.data = r->due.data = r->pause.data = r;
	r->again.data = r->grace.data = r->tidy.data = r->before_wait.data = r;
	r->tidy_wait = TIDY_EVERY_S;
	ev_io_start(r->loop, &r->woken);
	ev_signal_start(r->loop, &r->term);
	ev_signal_start(r->loop, &r->intr);
	ev_prepare_start(r->loop, &r->before_wait);
}

/* One `run` a queue: two would do everything twice. */
static void
lock_queue(struct runner *r)
{
	char *path = xasprintf("%s/lock", r->dir);
	r->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (r->lock < 0)
		log_die(EX_TEMPFAIL, "cannot open %s: %s", path, strerror(errno));
	if (flock(r->lock, LOCK_EX | LOCK_NB) < 0)
		log_die(EX_TEMPFAIL, "%s: expected no other mm-queue run on this directory%s%s",
			path, errno == EWOULDBLOCK ? "" : ": ",
			errno == EWOULDBLOCK ? "" : strerror(errno));
	free(path);
}

static void
open_queue(struct runner *r)
{
	char why[600];
	bool full;
	r->store = store_open(r->dir, STORE_CREATE, why, sizeof(why), &full);
	if (!r->store && full && reserve_give_up(r->dir)) {
		log_error("%s; giving up %s/reserve", why, r->dir);
		r->store = store_open(r->dir, STORE_CREATE, why, sizeof(why), &full);
	}
	if (!r->store)
		log_die(EX_TEMPFAIL, "%s", why);
	lock_queue(r);
	r->reserved = reserve_make(r->dir);
	if (!r->reserved)
		log_warn("cannot keep %s/reserve for a full disk: %s", r->dir, strerror(errno));
	r->wake = wake_open(r->dir);
	if (r->wake < 0)
		log_die(EX_TEMPFAIL, "cannot open %s/wake: %s", r->dir, strerror(errno));
}

static int
run(struct runner *r)
{
	signal(SIGXFSZ, SIG_IGN);
	open_queue(r);
	r->loop = ev_loop_new(EVFLAG_AUTO);
	if (!r->loop)
		log_die(EX_TEMPFAIL, "cannot make an event loop");
	watch(r);
	struct coproc_options o = {.name = "worker",
		.argv = r->worker_argv,
		.timeout_ms = r->timeout_ms,
		.max_tries = 1,
		.window_records = r->window_records,
		.window_bytes = r->window_bytes,
		.fields_only = true};
	r->worker = coproc_new(r->loop, &o);
	doubt_init(&r->doubt, r->window_records);
	feed_fresh(r);
	feed_due(r);
	log_info("running");
	ev_run(r->loop, 0);
	r->stopping = true;
	ev_timer_stop(r->loop, &r->again); /* no later time to wait for */
	settle_commit(r);
	coproc_free(r->worker);
	settle_release(r);
	fair_release(&r->fair);
	store_close(r->store);
	ev_loop_destroy(r->loop);
	close(r->wake);
	close(r->lock);
	free(r->hostname);
	return EX_OK;
}

int
command_run(int argc, char **argv)
{
	struct runner r = {.window_records = 1000,
		.window_bytes = 64u << 20,
		.schedule = {300000, 4000000, 432000000, 4 * 3600000},
		.bounce = BOUNCE_VERIFIED,
		.timeout_ms = 3 * 3600000,
		.grace_ms = 30000,
		.poison = 5};
	run_options(&r, argc, argv);
	return run(&r);
}
