#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "commands.h"
#include "filter.h"
#include "intake.h"
#include "log.h"
#include "mem.h"
#include "num.h"
#include "opt.h"
#include "sandbox.h"
#include "ulid.h"
#include "wake.h"

struct adder {
	struct filter filter;
	const char *dir;
	uint64_t min_free;
	const char *hold;      /* the reason, may be ""; NULL: not held */
	struct intake *intake; /* NULL until it could be opened */
	int wake;
	struct record **batch;
	size_t n, cap, octets;
	bool full;
	char why[600];
};

static void
collect(struct filter *f, struct record *r)
{
	struct adder *a = f->ctx;
	char id[ULID_SIZE];
	if (!record_has(r, "id"))
		record_add(r, "id", str_of(ulid_new(clock_now_ms(), id)));
	if (!id_valid(record_get(r, "id"))) {
		record_outcome(r, STATUS_TEMPFAIL,
			"451 4.3.5 expected an id of 1 to 128 of A-Z a-z 0-9 . _ -");
		filter_emit(f, r);
		return;
	}
	a->batch = xgrow(a->batch, &a->cap, a->n + 1, sizeof(struct record *));
	a->batch[a->n++] = r;
	a->octets += r->head.n + r->body->n;
}

static bool
enough_space(struct adder *a)
{
	struct statvfs v;
	if (a->min_free == 0 || statvfs(a->dir, &v) < 0)
		return true;
	uint64_t available = (uint64_t)v.f_bavail * v.f_frsize;
	if (available >= a->min_free + a->octets)
		return true;
	a->full = true;
	(void)snprintf(a->why, sizeof(a->why), "%s: expected %llu octets free, found %llu",
		a->dir, (unsigned long long)(a->min_free + a->octets),
		(unsigned long long)available);
	return false;
}

static bool
ready(struct adder *a)
{
	a->full = false;
	if (!a->intake)
		a->intake = intake_open(a->dir, a->why, sizeof(a->why), &a->full);
	if (!a->intake)
		return false;
	if (a->wake < 0 && (a->wake = wake_open(a->dir)) < 0) {
		(void)snprintf(a->why, sizeof(a->why), "cannot open %s/wake: %s", a->dir,
			strerror(errno));
		return false;
	}
	return enough_space(a);
}

/* `held` is what tells whoever takes it from the intake; afterwards it is gone. */
static void
mark_held(struct adder *a, const char *reason)
{
	for (size_t i = 0; i < a->n; i++) {
		record_remove(a->batch[i], "held");
		if (reason)
			record_add(a->batch[i], "held", str_of(reason));
	}
}

static bool
commit_batch(struct adder *a)
{
	if (!ready(a))
		return false;
	mark_held(a, a->hold);
	int rc = intake_append(a->intake, a->batch, a->n, clock_now_ms());
	mark_held(a, NULL);
	if (rc == 0)
		return true;
	a->full = intake_full(a->intake);
	(void)str_copy(str_of(intake_error(a->intake)), a->why, sizeof(a->why));
	return false;
}

static void
drain(struct filter *f)
{
	struct adder *a = f->ctx;
	if (a->n == 0)
		return;
	bool safe = commit_batch(a);
	if (safe)
		wake_added(a->wake);
	else
		log_error("%zu records not queued: %s", a->n, a->why);
	for (size_t i = 0; i < a->n; i++) {
		struct record *r = a->batch[i];
		if (safe)
			record_outcome(r, STATUS_OK, "250 2.0.0 queued as %.*s",
				STR_ARG(record_get(r, "id")));
		else if (a->full)
			record_outcome(
				r, STATUS_TEMPFAIL, "452 4.3.1 the queue's disk is full");
		else
			record_outcome(
				r, STATUS_TEMPFAIL, "451 4.3.0 the queue cannot be written");
		filter_emit(f, r);
	}
	a->n = a->octets = 0;
}

static const struct filter_ops ops = {.record = collect, .drain = drain};

enum { OPT_MIN_FREE = 1, OPT_HOLD };

static const struct option options[] = {
	{"min-free", required_argument, NULL, OPT_MIN_FREE},
	{"hold", optional_argument, NULL, OPT_HOLD},
	FILTER_OPTIONS,
	{0},
};

static void
read_options(struct adder *a, int argc, char **argv)
{
	int c;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == OPT_MIN_FREE) {
			if (num_size(str_of(optarg), INT64_MAX, &a->min_free) < 0)
				opt_usage(
					EX_TEMPFAIL, "--min-free: expected a size such as 32M");
		} else if (c == OPT_HOLD) {
			a->hold = optarg ? optarg : "";
		} else if (!filter_option(&a->filter, c, optarg)) {
			opt_usage(EX_TEMPFAIL, "add: an option that it does not know");
		}
	}
	if (optind >= argc)
		opt_usage(EX_TEMPFAIL, "add: expected the queue's directory");
	a->dir = argv[optind++];
}

int
command_add(int argc, char **argv)
{
	static struct adder a = {.min_free = 32u << 20, .wake = -1};
	filter_init(&a.filter, &ops, &a);
	read_options(&a, argc, argv);
	signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, not the end */
	sandbox_enter(SANDBOX_WRITE);
	int status = filter_run(&a.filter, argv + optind);
	intake_close(a.intake);
	if (a.wake >= 0)
		close(a.wake);
	free(a.batch);
	return status;
}
