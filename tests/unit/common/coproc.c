#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "coproc.h"
#include "log.h"
#include "mem.h"
#include "tap.h"

#define MAX_SENT 20000

static struct ev_loop *loop;
static struct coproc *co;
static unsigned times[MAX_SENT]; /* that each record came back */
static size_t back, wanted, by_cause[COPROC_STOPPED + 1], damaged;

static void
check_record(size_t n, const struct record *r)
{
	char id[32];
	(void)snprintf(id, sizeof(id), "r%zu", n);
	damaged += !str_eq(record_get(r, "id"), str_of(id)) || record_has(r, "tag") ||
		   record_count(r, "x") != 1;
	for (size_t i = 0; i < r->body->n; i += 4096)
		damaged += r->body->p[i] != (char)('a' + n % 26);
}

static void
came_back(void *arg, struct record *r)
{
	size_t n = (size_t)(uintptr_t)arg;
	times[n]++;
	back++;
	by_cause[coproc_cause(co)]++;
	bool failed = record_status(r) == STATUS_TEMPFAIL;
	damaged += failed == (coproc_cause(co) == COPROC_ANSWERED);
	check_record(n, r);
	record_free(r);
	if (back >= wanted)
		ev_break(loop, EVBREAK_ALL);
}

static void
send_one(size_t n, size_t size)
{
	struct record *r = record_new();
	record_addf(r, "id", "r%zu", n);
	record_add(r, "x", STR("y"));
	char *p = xmalloc(size + 1);
	memset(p, 'a' + (int)(n % 26), size);
	record_set_body(r, blob_copy(p, size));
	free(p);
	coproc_send(co, r, came_back, (void *)(uintptr_t)n);
}

static void
gave_up(struct ev_loop *l, struct ev_timer *t, int events)
{
	(void)t, (void)events;
	ok(false, "not all came back in time");
	ev_break(l, EVBREAK_ALL);
}

static void
wait_for(size_t n)
{
	struct ev_timer limit;
	wanted = n;
	if (back >= n)
		return;
	ev_timer_init(&limit, gave_up, 30., 0.);
	ev_timer_start(loop, &limit);
	ev_run(loop, 0);
	ev_timer_stop(loop, &limit);
}

static void
begin(const char *script, struct coproc_options o)
{
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)script, NULL};
	memset(times, 0, sizeof(times));
	memset(by_cause, 0, sizeof(by_cause));
	back = damaged = 0;
	o.name = "child";
	o.argv = argv;
	co = coproc_new(loop, &o);
}

static void
finish(size_t sent, const char *name)
{
	bool once = true;
	coproc_free(co);
	co = NULL;
	for (size_t i = 0; i < sent; i++)
		once = once && times[i] == 1;
	ok(once && back == sent && !damaged, "%s: each of %zu once, whole (%zu back, %zu bad)",
		name, sent, back, damaged);
}

static void
many_in_flight(void)
{
	begin("exec cat", (struct coproc_options){0});
	for (size_t i = 0; i < MAX_SENT; i++)
		send_one(i, 100);
	ok(coproc_full(co) && coproc_in_flight(co) == MAX_SENT, "full");
	wait_for(MAX_SENT);
	is_int((long long)by_cause[COPROC_ANSWERED], MAX_SENT, "all answered");
	ok(!coproc_full(co) && coproc_in_flight(co) == 0, "empty again");
	finish(MAX_SENT, "many in flight");
}

/* Child and parent both fill their pipes: neither may wait for the other. */
static void
slow_reader(void)
{
	begin("sleep 0.3; exec cat", (struct coproc_options){0});
	for (size_t i = 0; i < 3000; i++)
		send_one(i, i % 100 == 0 ? 3000000 : 4096);
	wait_for(3000);
	is_int((long long)by_cause[COPROC_ANSWERED], 3000, "all answered");
	finish(3000, "slow reader, large bodies");
}

static void
dies_mid_flight(void)
{
	begin("head -c 100000", (struct coproc_options){0});
	for (size_t i = 0; i < 500; i++)
		send_one(i, 1000);
	wait_for(500);
	ok(by_cause[COPROC_ANSWERED] > 0 && by_cause[COPROC_DIED] > 0,
		"some answered (%zu), some lost (%zu)", by_cause[COPROC_ANSWERED],
		by_cause[COPROC_DIED]);
	finish(500, "dies mid-flight");
}

static void
given_again(void)
{
	begin("exec dd bs=1000 count=100 2>/dev/null",
		(struct coproc_options){.max_tries = 100});
	for (size_t i = 0; i < 300; i++)
		send_one(i, 1000);
	wait_for(300);
	is_int((long long)by_cause[COPROC_ANSWERED], 300, "all answered in the end");
	finish(300, "given again to the next child");
}

/* The first stage is killed; what is further down still comes. */
static void
pipeline_loses_its_head(void)
{
	begin("head -c 100000 | (sleep 0.3; exec cat)", (struct coproc_options){0});
	for (size_t i = 0; i < 3000; i++)
		send_one(i, 4000);
	wait_for(3000);
	ok(by_cause[COPROC_ANSWERED] >= 20, "what is in the later stages is answered (%zu)",
		by_cause[COPROC_ANSWERED]);
	finish(3000, "a pipeline loses its head");
}

/* Records that a dying child never saw are not its fault: only those that may be
 * in the pipe are failed. */
static void
unseen_are_kept(void)
{
	begin("if [ -e \"$MARK\" ]; then exec cat; fi; : >\"$MARK\"; kill -9 $$",
		(struct coproc_options){0});
	for (size_t i = 0; i < 40; i++)
		send_one(i, 900000);
	wait_for(40);
	ok(by_cause[COPROC_DIED] < 5 && by_cause[COPROC_ANSWERED] >= 36,
		"the pipe's lost (%zu), the rest answered (%zu)", by_cause[COPROC_DIED],
		by_cause[COPROC_ANSWERED]);
	finish(40, "unseen are kept");
}

static void
no_such_program(void)
{
	char *argv[] = {(char *)"/nonexistent/worker", NULL};
	struct coproc_options o = {.name = "child", .argv = argv};
	memset(times, 0, sizeof(times));
	memset(by_cause, 0, sizeof(by_cause));
	back = damaged = 0;
	co = coproc_new(loop, &o);
	send_one(0, 10);
	send_one(1, 10);
	wait_for(2);
	is_int((long long)by_cause[COPROC_NO_START], 2, "cannot be started");
	finish(2, "no such program");
}

/* One that is misconfigured says so by its exit status. */
static void
cannot_work(void)
{
	begin("read -r x; exit 75", (struct coproc_options){0});
	for (size_t i = 0; i < 10; i++)
		send_one(i, 1000);
	wait_for(10);
	is_int((long long)by_cause[COPROC_NO_START], 10, "exit 75: it cannot work");
	finish(10, "cannot work");
}

static void
hangs(void)
{
	begin("exec sleep 1000", (struct coproc_options){.timeout_ms = 200});
	for (size_t i = 0; i < 20; i++)
		send_one(i, 1000);
	int64_t start = clock_mono_ms();
	wait_for(20);
	/* the first to time out kills it, and what was sent a little later with it */
	ok(by_cause[COPROC_TIMEOUT] >= 1, "timed out");
	is_int((long long)(by_cause[COPROC_TIMEOUT] + by_cause[COPROC_DIED]), 20, "all failed");
	ok(clock_mono_ms() - start < 5000 * TAP_PATIENCE, "in time");
	start = clock_mono_ms();
	finish(20, "hangs");
	ok(clock_mono_ms() - start < 5000 * TAP_PATIENCE, "it was killed");
}

/* One record is slow, the child is not: it lives, its late answer is dropped. */
static void
late_answer(void)
{
	begin("head -c 1000 | (sleep 0.6; cat); exec cat",
		(struct coproc_options){.timeout_ms = 200});
	send_one(0, 10);
	wait_for(1);
	is_int((long long)by_cause[COPROC_TIMEOUT], 1, "late");
	finish(1, "late answer");
}

static void
breaks_the_contract(const char *script, const char *name)
{
	begin(script, (struct coproc_options){0});
	for (size_t i = 0; i < 50; i++)
		send_one(i, 100);
	wait_for(50);
	is_int((long long)by_cause[COPROC_DIED], 50, name);
	finish(50, name);
}

static void
stopped(void)
{
	begin("exec sleep 0.5", (struct coproc_options){0});
	for (size_t i = 0; i < 50; i++)
		send_one(i, 100);
	wanted = SIZE_MAX;
	ev_run(loop, EVRUN_NOWAIT);
	by_cause[COPROC_STOPPED] = 0;
	coproc_forget(co, (void *)(uintptr_t)49);
	times[49] = 1;
	back = 1;
	finish(50, "stopped with records in flight; one forgotten");
	is_int((long long)by_cause[COPROC_STOPPED], 49, "the others told so");
}

int
main(void)
{
	char mark[] = "/tmp/mm-coproc.XXXXXX";
	close(mkstemp(mark));
	unlink(mark);
	setenv("MARK", mark, 1);
	log_init("coproc-test");
	if (!getenv("VERBOSE"))
		setenv("MM_LOG", "error", 1);
	(void)!freopen(getenv("VERBOSE") ? "/dev/stdout" : "/dev/null", "w", stderr);
	loop = ev_loop_new(EVFLAG_AUTO);
	many_in_flight();
	slow_reader();
	dies_mid_flight();
	given_again();
	pipeline_loses_its_head();
	unseen_are_kept();
	no_such_program();
	cannot_work();
	hangs();
	late_answer();
	breaks_the_contract("exec sed -u 's/^tag: .*/tag: 9999/'", "a tag never given");
	breaks_the_contract("exec sed -u /^tag/d", "the tag is dropped");
	breaks_the_contract("exec sed -u 's/^id: .*/id: zzz/'", "another id");
	breaks_the_contract("echo hello; exec cat", "not a stream");
	stopped();
	unlink(mark);
	ev_loop_destroy(loop);
	return done();
}
