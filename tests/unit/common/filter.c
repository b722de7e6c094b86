#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "filter.h"
#include "io.h"
#include "log.h"
#include "tap.h"

/* The filter under test runs in a process of its own: it collects a batch and
 * answers it when drained, like mm-queue add. */
static struct record *batch[65536];
static size_t batched;
static size_t window_records;

static void
collect(struct filter *f, struct record *r)
{
	(void)f;
	batch[batched++] = r;
}

static void
answer_batch(struct filter *f)
{
	for (size_t i = 0; i < batched; i++) {
		record_outcome(batch[i], STATUS_OK, "250 2.0.0 done");
		filter_emit(f, batch[i]);
	}
	batched = 0;
}

static void
answer_at_once(struct filter *f, struct record *r)
{
	record_outcome(r, STATUS_OK, "250 2.0.0 done");
	filter_emit(f, r);
}

static struct record *later[65536];
static size_t held;
static struct ev_timer timer;

static void
answer_later(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop, (void)events;
	while (held > 0)
		answer_at_once(w->data, later[--held]);
}

static void
hold(struct filter *f, struct record *r)
{
	later[held++] = r;
	timer.data = f;
	if (ev_is_active(&timer))
		return;
	ev_timer_init(&timer, answer_later, 0.001, 0.);
	ev_timer_start(f->loop, &timer);
}

static const struct filter_ops batching = {.record = collect, .drain = answer_batch};
static const struct filter_ops immediate = {.record = answer_at_once};
static const struct filter_ops delayed = {.record = hold};

static pid_t
start_filter(const struct filter_ops *ops, int *in, int *out)
{
	int to[2], from[2];
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		exit(1);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		struct filter f;
		char *none[] = {NULL};
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		close(to[1]);
		close(from[0]);
		alarm(20 * TAP_PATIENCE);
		filter_init(&f, ops, NULL);
		if (window_records)
			f.window_records = window_records;
		int rc = filter_run(&f, none);
		ev_loop_destroy(f.loop);
		_exit(rc);
	}
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = from[0];
	return pid;
}

static int
exit_code(pid_t pid)
{
	int status;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Reads until n records are there; how many came. */
static size_t
read_records(struct stream_reader *r, int fd, size_t n, size_t *answered)
{
	size_t got = 0;
	while (got < n) {
		struct record *rec;
		int rc = stream_next(r, &rec);
		if (rc == 0 && stream_fill(r, fd) > 0)
			continue;
		if (rc <= 0)
			break;
		got++;
		*answered += record_status(rec) == STATUS_OK;
		record_free(rec);
	}
	return got;
}

static void
add_records(struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "mail 1 0\nid: %zu\n\n", i);
}

/* More at once than the window holds, and no end of input after it: a filter
 * that waits for more while it has records is a deadlock. */
static void
beyond_the_window(const struct filter_ops *ops, const char *name)
{
	struct stream_reader r = {0};
	struct buf b = {0};
	int in, out;
	size_t answered = 0;
	window_records = 100;
	pid_t pid = start_filter(ops, &in, &out);
	add_records(&b, 1050);
	io_write_all(in, b.p, b.n);
	is_int((long long)read_records(&r, out, 1050, &answered), 1050, name);
	is_int((long long)answered, 1050, "all answered");
	io_write_all(in, b.p, b.n);
	is_int((long long)read_records(&r, out, 1050, &answered), 1050, "and again");
	io_write_all(in, b.p, b.n);
	close(in);
	is_int((long long)read_records(&r, out, 2000, &answered), 1050, "and before the end");
	is_int(exit_code(pid), EX_OK, "exit 0");
	close(out);
	stream_reader_release(&r);
	buf_release(&b);
	window_records = 0;
}

static void
short_circuit(void)
{
	struct stream_reader r = {0};
	static const char failed[] = "mail 1 1\nid: a\nstatus: tempfail\n\nx"
				     "mail 1 0\nid: b\nstatus: ok\n\n";
	int in, out;
	size_t answered = 0;
	pid_t pid = start_filter(&immediate, &in, &out);
	io_write_all(in, failed, sizeof(failed) - 1);
	is_int((long long)read_records(&r, out, 2, &answered), 2, "both come out");
	is_int((long long)answered, 1, "the failed one unprocessed");
	close(in);
	is_int(exit_code(pid), EX_OK, "exit 0");
	close(out);
	stream_reader_release(&r);
}

static void
malformed(void)
{
	struct stream_reader r = {0};
	static const char broken[] = "mail 1 0\nid: a\n\nmail 1 x\n";
	int in, out;
	size_t answered = 0;
	pid_t pid = start_filter(&batching, &in, &out);
	io_write_all(in, broken, sizeof(broken) - 1);
	is_int((long long)read_records(&r, out, 2, &answered), 1,
		"what came before is answered");
	is_int(exit_code(pid), EX_DATAERR, "exit 65");
	close(in);
	close(out);
	stream_reader_release(&r);
}

static void
no_spool(void)
{
	struct stream_reader r = {0};
	static const char large[] = "mail 1 0\nid: a\n\nmail 1 2000000\nid: b\n\n";
	int in, out;
	size_t answered = 0;
	setenv("TMPDIR", "/nonexistent", 1);
	pid_t pid = start_filter(&batching, &in, &out);
	unsetenv("TMPDIR");
	io_write_all(in, large, sizeof(large) - 1);
	is_int((long long)read_records(&r, out, 2, &answered), 1,
		"what came before is answered");
	is_int(exit_code(pid), EX_TEMPFAIL, "no place to spool is our fault: exit 75");
	close(in);
	close(out);
	stream_reader_release(&r);
}

/* The reader of its output goes while it waits for input. */
static void
reader_gone(void)
{
	static const char one[] = "mail 1 0\nid: a\n\n";
	struct stream_reader r = {0};
	size_t answered = 0;
	int in, out;
	pid_t pid = start_filter(&immediate, &in, &out);
	io_write_all(in, one, sizeof(one) - 1);
	is_int((long long)read_records(&r, out, 1, &answered), 1, "it works");
	close(out);
	is_int(exit_code(pid), EX_TEMPFAIL, "ends when nobody reads its output");
	close(in);
	stream_reader_release(&r);
}

int
main(void)
{
	log_init("filter-test");
	(void)!freopen("/dev/null", "w", stderr);
	beyond_the_window(&batching, "batches: more than the window at once");
	beyond_the_window(&immediate, "at once: more than the window at once");
	beyond_the_window(&delayed, "later: more than the window at once");
	short_circuit();
	malformed();
	no_spool();
	reader_gone();
	return done();
}
