#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#include <uthash.h>

#include "child.h"
#include "clock.h"
#include "coproc.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "num.h"
#include "stream.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 10000
#define STOP_WAIT_MS 10000
#define LAST_WORD_MS 50
#define READ_PER_TURN (4u << 20)
#define FLUSH_AT 65536

struct entry {
	uint64_t tag;
	struct record *rec; /* what was sent, without the tag */
	coproc_done *done;
	void *arg;
	int64_t sent_at;
	unsigned tries;
	uint64_t place; /* in the order of what was pushed to this child */
	bool waiting;   /* for a child to be there */
	size_t weight;
	UT_hash_handle hh; /* iterates in the order of sending */
};

struct coproc {
	struct ev_loop *loop;
	char *name;
	char **argv;
	int64_t timeout_ms;
	unsigned max_tries;
	size_t window_records, window_bytes;
	bool fields_only;

	struct child child; /* pid 0 while there is none */
	struct stream_reader in;
	struct stream_writer out;
	struct ev_io readable, writable;
	struct ev_timer deadline, restart;
	bool deaf; /* it reads no more; what it still says is taken until it ends */
	uint64_t pushed;
	int64_t backoff_ms, last_output;
	enum coproc_cause cause;

	struct entry *entries;
	uint64_t last_tag;
	size_t bytes;
};

static void child_lost(struct coproc *c, enum coproc_cause cause, const char *why);

static void
finish(struct coproc *c, struct entry *e, struct record *r)
{
	HASH_DEL(c->entries, e);
	c->bytes -= e->weight;
	if (r != e->rec)
		record_free(e->rec);
	if (e->done)
		e->done(e->arg, r);
	else
		record_free(r);
	free(e);
}

static void
fail(struct coproc *c, struct entry *e, enum coproc_cause cause, const char *why)
{
	record_outcome(e->rec, STATUS_TEMPFAIL, "451 4.3.0 %s %s", c->name, why);
	c->cause = cause;
	finish(c, e, e->rec);
}

static void
start_timer(struct coproc *c, struct ev_timer *t, int64_t ms)
{
	ev_timer_stop(c->loop, t);
	ev_timer_set(t, ms > 0 ? (double)ms / 1000 : 0.001, 0.);
	ev_timer_start(c->loop, t);
}

/* A child that has closed its input may still have answers on their way: the
 * later stages of a pipeline whose first one was killed. */
static void
flush(struct coproc *c)
{
	int rc = stream_flush(&c->out, c->child.in);
	if (rc <= 0)
		ev_io_stop(c->loop, &c->writable);
	else
		ev_io_start(c->loop, &c->writable);
	if (rc < 0) {
		c->deaf = true;
		start_timer(c, &c->restart, STOP_WAIT_MS);
	}
}

static void
on_writable(struct ev_loop *loop, struct ev_io *w, int events)
{
	(void)loop, (void)events;
	flush(w->data);
}

/* What is sent in one turn goes out together, but for large turns: there the child
 * begins meanwhile. */
static void
push_entry(struct coproc *c, struct entry *e)
{
	struct record *copy = record_clone(e->rec);
	record_addf(copy, "tag", "%llu", (unsigned long long)e->tag);
	e->waiting = false;
	e->tries++;
	e->place = ++c->pushed;
	stream_push(&c->out, copy);
	if (c->out.pending >= FLUSH_AT && !c->deaf)
		flush(c);
	else
		ev_io_start(c->loop, &c->writable);
}

/* The innermost tag is ours: an outer coprocess's stands before it. */
static struct entry *
find_tagged(struct coproc *c, struct record *r, bool *stale)
{
	struct entry *e = NULL;
	uint64_t tag = 0;
	for (size_t i = r->nfields; i-- > 0;) {
		if (!str_eq(record_name_at(r, i), STR("tag")))
			continue;
		if (num_u64(record_value_at(r, i), 1, c->last_tag, &tag) == 0)
			HASH_FIND(hh, c->entries, &tag, sizeof(tag), e);
		record_remove_at(r, i);
		break;
	}
	*stale = tag > 0 && !e;
	return e;
}

/* False when the child broke the contract. */
static bool
take_reply(struct coproc *c, struct record *r)
{
	bool stale; /* it came after its time was up */
	struct entry *e = find_tagged(c, r, &stale);
	bool ours = e && str_eq(record_get(r, "id"), record_get(e->rec, "id"));
	if (!ours) {
		record_free(r);
		return stale;
	}
	c->backoff_ms = 0;
	c->cause = COPROC_ANSWERED;
	finish(c, e, r);
	return true;
}

static int
take_replies(struct coproc *c)
{
	struct record *r;
	int rc;
	while ((rc = stream_next(&c->in, &r)) > 0) {
		if (take_reply(c, r))
			continue;
		log_error("%s: answered with a record that it was not given: its tag or id "
			  "is missing or another's",
			c->name);
		return -1;
	}
	if (rc < 0)
		log_error("%s: malformed stream: %s", c->name, c->in.error);
	return rc;
}

/* The child has closed its output: what does it end with? */
static void
child_ended(struct coproc *c)
{
	char why[64];
	int status = child_stop(&c->child, LAST_WORD_MS);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	bool unable = code == EX_TEMPFAIL || code == EX_CONFIG || code == 126 || code == 127;
	if (WIFSIGNALED(status))
		(void)snprintf(why, sizeof(why), "was ended by signal %d", WTERMSIG(status));
	else
		(void)snprintf(why, sizeof(why), "ended with exit status %d", code);
	child_lost(c, unable ? COPROC_NO_START : COPROC_DIED, why);
}

static void
on_readable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct coproc *c = w->data;
	ssize_t got;
	(void)loop, (void)events;
	for (size_t taken = 0; taken < READ_PER_TURN; taken += (size_t)got) {
		got = stream_fill(&c->in, c->child.out);
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			child_ended(c);
			return;
		}
		c->last_output = clock_mono_ms();
		if (take_replies(c) < 0) {
			child_lost(c, COPROC_DIED, "answered with a malformed stream");
			return;
		}
	}
}

static void
cannot_start(struct coproc *c)
{
	struct entry *e, *next;
	log_error("cannot start %s: %s", c->argv[0], strerror(errno));
	c->child.pid = 0;
	HASH_ITER (hh, c->entries, e, next)
		e->tries++;
	child_lost(c, COPROC_NO_START, "cannot be started");
}

static void
start_child(struct coproc *c)
{
	if (child_spawn(&c->child, c->argv, c->fields_only) < 0) {
		cannot_start(c);
		return;
	}
	c->last_output = clock_mono_ms();
	ev_io_set(&c->readable, c->child.out, EV_READ);
	ev_io_set(&c->writable, c->child.in, EV_WRITE);
	ev_io_start(c->loop, &c->readable);
	struct entry *e, *next;
	HASH_ITER (hh, c->entries, e, next)
		if (e->waiting)
			push_entry(c, e);
}

static void
on_restart(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct coproc *c = w->data;
	(void)loop, (void)events;
	if (c->child.pid)
		child_lost(c, COPROC_DIED, "closed its input and does not end");
	else
		start_child(c);
}

/* What the child cannot have seen, not even in part, waits for the next one. */
static void
take_back_unsent(struct coproc *c)
{
	struct entry *e, *next;
	uint64_t given = c->pushed - c->out.count + (c->out.sent > 0);
	HASH_ITER (hh, c->entries, e, next) {
		if (e->waiting || e->place <= given)
			continue;
		e->waiting = true;
		e->tries--;
	}
}

static void
drop_child(struct coproc *c)
{
	take_back_unsent(c);
	ev_io_stop(c->loop, &c->readable);
	ev_io_stop(c->loop, &c->writable);
	stream_reader_release(&c->in);
	stream_writer_release(&c->out);
	child_kill(&c->child);
	c->deaf = false;
	c->pushed = 0;
}

static void
child_lost(struct coproc *c, enum coproc_cause cause, const char *why)
{
	int64_t wait = c->backoff_ms ? c->backoff_ms : BACKOFF_MIN_MS;
	log_warn("%s %s, %u in flight; starting it again in %lld ms", c->name, why,
		HASH_COUNT(c->entries), (long long)wait);
	drop_child(c);
	c->backoff_ms = wait * 2 < BACKOFF_MAX_MS ? wait * 2 : BACKOFF_MAX_MS;
	start_timer(c, &c->restart, wait);
	struct entry *e, *next;
	HASH_ITER (hh, c->entries, e, next) {
		if (e->tries >= c->max_tries)
			fail(c, e, cause, why);
		else
			e->waiting = true;
	}
}

static void
arm_deadline(struct coproc *c)
{
	if (!c->timeout_ms || !c->entries || ev_is_active(&c->deadline))
		return;
	start_timer(c, &c->deadline, c->entries->sent_at + c->timeout_ms - clock_mono_ms());
}

static void
on_deadline(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct coproc *c = w->data;
	bool stuck = false;
	struct entry *e, *next;
	if (c->child.pid) /* we may be the one that was slow: what is here is in time */
		on_readable(loop, &c->readable, events);
	int64_t now = clock_mono_ms();
	HASH_ITER (hh, c->entries, e, next) {
		if (e->sent_at + c->timeout_ms > now)
			break;
		stuck = stuck || (!e->waiting && c->last_output <= e->sent_at);
		fail(c, e, COPROC_TIMEOUT, "gave no answer in time");
	}
	if (stuck && c->child.pid)
		child_lost(c, COPROC_DIED, "hangs");
	arm_deadline(c);
}

static char **
copy_argv(char *const *argv)
{
	size_t n = 0;
	while (argv[n])
		n++;
	char **copy = xcalloc(n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(argv[i]);
	return copy;
}

struct coproc *
coproc_new(struct ev_loop *loop, const struct coproc_options *o)
{
	struct coproc *c = xcalloc(1, sizeof(*c));
	c->loop = loop;
	c->name = xstrdup(o->name);
	c->argv = copy_argv(o->argv);
	c->timeout_ms = o->timeout_ms;
	c->max_tries = o->max_tries ? o->max_tries : 1;
	c->window_records = o->window_records ? o->window_records : 4096;
	c->window_bytes = o->window_bytes ? o->window_bytes : 64u << 20;
	c->fields_only = o->fields_only;
	ev_init(&c->readable, on_readable);
	ev_init(&c->writable, on_writable);
	ev_init(&c->deadline, on_deadline);
	ev_init(&c->restart, on_restart);
	signal(SIGPIPE, SIG_IGN);
	c->readable.data = c->writable.data = c->deadline.data = c->restart.data = c;
	start_child(c);
	return c;
}

void
coproc_send(struct coproc *c, struct record *r, coproc_done *done, void *arg)
{
	struct entry *e = xcalloc(1, sizeof(*e));
	e->tag = ++c->last_tag;
	e->rec = r;
	e->done = done;
	e->arg = arg;
	e->sent_at = clock_mono_ms();
	e->weight = record_weight(r);
	e->waiting = true;
	c->bytes += e->weight;
	HASH_ADD(hh, c->entries, tag, sizeof(e->tag), e);
	if (c->child.pid && !c->deaf)
		push_entry(c, e);
	arm_deadline(c);
}

void
coproc_forget(struct coproc *c, void *arg)
{
	struct entry *e, *next;
	HASH_ITER (hh, c->entries, e, next)
		if (e->arg == arg)
			e->done = NULL;
}

enum coproc_cause
coproc_cause(const struct coproc *c)
{
	return c->cause;
}

bool
coproc_full(const struct coproc *c)
{
	return HASH_COUNT(c->entries) >= c->window_records || c->bytes >= c->window_bytes;
}

size_t
coproc_in_flight(const struct coproc *c)
{
	return HASH_COUNT(c->entries);
}

void
coproc_free(struct coproc *c)
{
	while (c->entries)
		fail(c, c->entries, COPROC_STOPPED, "was stopped");
	ev_io_stop(c->loop, &c->readable);
	ev_io_stop(c->loop, &c->writable);
	ev_timer_stop(c->loop, &c->deadline);
	ev_timer_stop(c->loop, &c->restart);
	child_stop(&c->child, STOP_WAIT_MS);
	stream_reader_release(&c->in);
	stream_writer_release(&c->out);
	for (char **a = c->argv; *a; a++)
		free(*a);
	free(c->argv);
	free(c->name);
	free(c);
}
