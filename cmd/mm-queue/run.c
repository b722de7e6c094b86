#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "commands.h"
#include "log.h"
#include "mem.h"
#include "num.h"
#include "opt.h"
#include "reserve.h"
#include "runner.h"
#include "address.h"
#include "site.h"
#include "wake.h"

#define TIDY_EVERY_S 1.
#define LONGEST_MS 3153600000000 /* a hundred years: sums of times stay sound */

static void
on_wake(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct runner *r = w->data;
	(void)loop, (void)events;
	if (wake_take(r->wake))
		feed_due(r);
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

/* When there is nothing else to do, and under load once in a while. */
static void
clear_away(struct runner *r)
{
	bool idle = !r->flights && !r->fresh_left && !r->due_left;
	bool more = true;
	if (r->tidied || (!idle && ev_now(r->loop) < r->tidy_next))
		return;
	r->tidy_next = ev_now(r->loop) + TIDY_EVERY_S;
	while (more)
		if (store_tidy(r->store, &more) < 0) {
			log_warn("%s", store_error(r->store));
			break;
		}
	r->tidied = idle;
	if (idle && store_shrink(r->store) < 0)
		log_warn("%s", store_error(r->store));
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
	ev_prepare_init(&r->before_wait, before_wait);
	r->woken.data = r->term.data = r->intr.data = r->due.data = r->pause.data = r;
	r->again.data = r->grace.data = r->before_wait.data = r;
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
	feed_fresh(r);
	feed_due(r);
	log_info("running");
	ev_run(r->loop, 0);
	r->stopping = true;
	ev_timer_stop(r->loop, &r->again); /* no later time to wait for */
	settle_commit(r);
	coproc_free(r->worker);
	settle_release(r);
	store_close(r->store);
	ev_loop_destroy(r->loop);
	close(r->wake);
	close(r->lock);
	free(r->hostname);
	return EX_OK;
}

enum {
	OPT_WINDOW = 1,
	OPT_WINDOW_BYTES,
	OPT_RETRY_MIN,
	OPT_RETRY_MAX,
	OPT_LIFETIME,
	OPT_TIMEOUT,
	OPT_GRACE,
	OPT_POISON,
	OPT_HOSTNAME,
	OPT_TIME_SCALE,
};

static const struct option options[] = {
	{"window", required_argument, NULL, OPT_WINDOW},
	{"window-bytes", required_argument, NULL, OPT_WINDOW_BYTES},
	{"retry-min", required_argument, NULL, OPT_RETRY_MIN},
	{"retry-max", required_argument, NULL, OPT_RETRY_MAX},
	{"lifetime", required_argument, NULL, OPT_LIFETIME},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"grace", required_argument, NULL, OPT_GRACE},
	{"poison", required_argument, NULL, OPT_POISON},
	{"hostname", required_argument, NULL, OPT_HOSTNAME},
	{"time-scale", required_argument, NULL, OPT_TIME_SCALE},
	{0},
};

static void
duration(const char *option, int64_t *out)
{
	if (num_duration(str_of(optarg), out) < 0 || *out > LONGEST_MS)
		opt_usage(
			EX_TEMPFAIL, "--%s: expected a duration such as 90s, 5m or 2h", option);
}

static uint64_t
number(const char *option, uint64_t max)
{
	uint64_t v;
	if (num_u64(str_of(optarg), 1, max, &v) < 0)
		opt_usage(EX_TEMPFAIL, "--%s: expected a number of 1 to %llu", option,
			(unsigned long long)max);
	return v;
}

static void
size_option(size_t *out)
{
	uint64_t v;
	if (num_size(str_of(optarg), SIZE_MAX, &v) < 0 || v == 0)
		opt_usage(EX_TEMPFAIL, "--window-bytes: expected a size such as 64M");
	*out = (size_t)v;
}

static void
hostname_option(struct runner *r)
{
	if (!domain_valid(str_of(optarg)))
		opt_usage(EX_TEMPFAIL, "--hostname: expected a domain name");
	free(r->hostname);
	r->hostname = xstrdup(optarg);
}

struct run_options {
	const char *site;
	uint64_t scale;
};

/* Up to the first operand, or past "--". */
static void
read_options(struct runner *r, struct run_options *o, int argc, char **argv)
{
	int c;
	while ((c = getopt_long(argc, argv, "+C:", options, NULL)) != -1) {
		const char *name = c == 'C' || c == '?' ? "" : options[c - 1].name;
		switch (c) {
		case 'C':
			o->site = optarg;
			break;
		case OPT_WINDOW:
			r->window_records = (size_t)number(name, 1000000);
			break;
		case OPT_WINDOW_BYTES:
			size_option(&r->window_bytes);
			break;
		case OPT_RETRY_MIN:
			duration(name, &r->schedule.retry_min);
			break;
		case OPT_RETRY_MAX:
			duration(name, &r->schedule.retry_max);
			break;
		case OPT_LIFETIME:
			duration(name, &r->schedule.lifetime);
			break;
		case OPT_TIMEOUT:
			duration(name, &r->timeout_ms);
			break;
		case OPT_GRACE:
			duration(name, &r->grace_ms);
			break;
		case OPT_POISON:
			r->poison = (unsigned)number(name, 1000);
			break;
		case OPT_HOSTNAME:
			hostname_option(r);
			break;
		case OPT_TIME_SCALE:
			o->scale = number(name, 1000000000);
			break;
		default:
			opt_usage(EX_TEMPFAIL, "run: an option that it does not know");
		}
	}
}

int
command_run(int argc, char **argv)
{
	struct runner r = {.window_records = 1000,
		.window_bytes = 64u << 20,
		.schedule = {300000, 4000000, 432000000},
		.timeout_ms = 3 * 3600000,
		.grace_ms = 30000,
		.poison = 5};
	struct run_options o = {.scale = 1};
	read_options(&r, &o, argc, argv);
	if (optind >= argc)
		opt_usage(EX_TEMPFAIL, "run: expected the queue's directory");
	r.dir = argv[optind++];
	read_options(&r, &o, argc, argv);
	if (optind >= argc)
		opt_usage(EX_TEMPFAIL, "run: expected a worker behind --");
	schedule_scale(&r.schedule, o.scale);
	if (!r.hostname)
		r.hostname = site_hostname(site_dir(o.site));
	r.worker_argv = argv + optind;
	return run(&r);
}
