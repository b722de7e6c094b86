#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "bare.h"
#include "child.h"
#include "filter.h"
#include "log.h"
#include "num.h"
#include "reply.h"

#define READ_PER_TURN (4u << 20)
#define FLUSH_AT (1u << 20)

static void
flush_output(struct filter *f)
{
	while (f->out.pending > 0) {
		int rc = stream_flush(&f->out, STDOUT_FILENO);
		if (rc == 1) {
			struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
			(void)poll(&p, 1, -1);
		} else if (rc < 0) {
			log_error("cannot write standard output: %s", strerror(errno));
			exit(EX_TEMPFAIL);
		}
	}
}

/* In a pipeline whose next stage has died, a filter that waits for input would
 * keep its caller from noticing: it ends at once instead. */
static void
on_closed(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct pollfd p = {.fd = STDOUT_FILENO};
	(void)events;
	if (poll(&p, 1, 0) > 0 && p.revents & (POLLERR | POLLNVAL)) {
		log_error("standard output was closed by its reader");
		exit(EX_TEMPFAIL);
	}
	ev_io_stop(loop, w);
}

static void
watch_output(struct filter *f)
{
	struct stat st;
	ev_io_init(&f->closed, on_closed, STDOUT_FILENO, EV_READ);
	if (fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode))
		ev_io_start(f->loop, &f->closed);
}

static bool
window_full(const struct filter *f)
{
	return f->in_flight >= f->window_records || f->in_flight_bytes >= f->window_bytes;
}

static void
accept_record(struct filter *f, struct record *r)
{
	r->charged = record_weight(r);
	f->taken++;
	f->in_flight++;
	f->in_flight_bytes += r->charged;
	if (record_failed(r) && !f->ops->takes_failed)
		filter_emit(f, r);
	else
		f->ops->record(f, r);
}

static int
worse(int a, int b)
{
	return a == EX_OK ? b : a;
}

static void
account(struct filter *f, const struct record *r)
{
	f->in_flight--;
	f->in_flight_bytes -= r->charged;
	if (f->operands)
		f->exit_status = worse(f->exit_status, filter_exit_code(r));
}

void
filter_discard(struct filter *f, struct record *r)
{
	account(f, r);
	record_free(r);
}

void
filter_emit(struct filter *f, struct record *r)
{
	account(f, r);
	if (f->fields_only && !f->operands)
		record_set_body(r, blob_empty());
	stream_push(&f->out, r);
	if (f->out.pending >= FLUSH_AT)
		flush_output(f);
}

void
filter_abort(struct filter *f, int exit_status)
{
	flush_output(f);
	exit(exit_status);
}

static void
stop_reading(struct filter *f)
{
	f->eof = true;
	ev_io_stop(f->loop, &f->readable);
}

static void
refuse_stream(struct filter *f)
{
	log_error("%s: %s", f->in.local_fault ? "cannot read the stream" : "malformed stream",
		f->in.error);
	f->exit_status = f->in.local_fault ? EX_TEMPFAIL : EX_DATAERR;
	stop_reading(f);
}

/* Takes what is buffered; false when the stream is malformed. */
static bool
take_records(struct filter *f)
{
	struct record *r;
	while (!window_full(f)) {
		int rc = stream_next(&f->in, &r);
		if (rc < 0)
			refuse_stream(f);
		if (rc <= 0)
			return rc == 0;
		accept_record(f, r);
	}
	return true;
}

static bool
more_to_read(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	return poll(&p, 1, 0) > 0;
}

/* Everything that has arrived becomes one batch (the group that a drain
 * commits), up to a bound. */
static void
on_readable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct filter *f = w->data;
	size_t taken = 0;
	(void)loop, (void)events;
	do {
		ssize_t got = stream_fill(&f->in, STDIN_FILENO);
		if (got < 0 && errno == EAGAIN)
			return;
		if (got < 0) {
			log_error("cannot read standard input: %s", strerror(errno));
			exit(EX_TEMPFAIL);
		}
		if (got == 0) {
			bool refused = f->in.broken; /* stream_end() sets it as well */
			if (stream_end(&f->in) < 0 && !refused)
				refuse_stream(f);
			stop_reading(f);
			return;
		}
		taken += (size_t)got;
		if (!take_records(f))
			return;
	} while (taken < READ_PER_TURN && !window_full(f) && more_to_read(STDIN_FILENO));
}

static void
next_operand(struct filter *f)
{
	while (*f->operands && !window_full(f)) {
		struct record *r = bare_read(*f->operands, f->envelope);
		if (r)
			accept_record(f, r);
		else
			f->exit_status = worse(f->exit_status, EX_TEMPFAIL);
		f->operands++;
	}
	f->eof = *f->operands == NULL;
}

/* Takes what waits without a read: operands, or records that were buffered when
 * the window was full. */
static bool
refill(struct filter *f)
{
	size_t before = f->taken;
	if (f->operands)
		next_operand(f);
	else if (!f->in.broken && stream_pending(&f->in))
		take_records(f);
	return f->taken > before;
}

static void
before_wait(struct ev_loop *loop, struct ev_prepare *w, int events)
{
	struct filter *f = w->data;
	bool taken, window_moved;
	(void)events;
	do {
		taken = refill(f);
		size_t before = f->in_flight;
		if (f->ops->drain)
			f->ops->drain(f);
		flush_output(f);
		window_moved = f->in_flight < before; /* what is buffered may fit now */
	} while (taken || window_moved);
	if (f->eof && f->in_flight == 0)
		ev_break(loop, EVBREAK_ALL);
	else if (f->eof || f->operands || window_full(f))
		ev_io_stop(loop, &f->readable);
	else
		ev_io_start(loop, &f->readable);
}

/* Only a child of the caller itself may: what another stage reads is whole. */
static bool
asked_for_fields(void)
{
	int parent;
	const char *asked = getenv(CHILD_FIELDS_ONLY);
	return asked && num_int(str_of(asked), 2, INT_MAX, &parent) == 0 && parent == getppid();
}

void
filter_init(struct filter *f, const struct filter_ops *ops, void *ctx)
{
	*f = (struct filter){.ops = ops,
		.ctx = ctx,
		.window_bytes = FILTER_WINDOW_BYTES,
		.window_records = FILTER_WINDOW_RECORDS};
	f->loop = ev_loop_new(EVFLAG_AUTO);
	if (!f->loop)
		log_die(EX_TEMPFAIL, "cannot make an event loop");
	f->envelope = record_new();
	f->fields_only = asked_for_fields();
	signal(SIGPIPE, SIG_IGN);
}

bool
filter_option(struct filter *f, int opt, const char *arg)
{
	static const char *const names[] = {
		"client-ip", "helo", "mail-from", "rcpt-to", "ingress"};
	if (opt < FILTER_OPT_IP || opt > FILTER_OPT_FIELD)
		return false;
	if (opt < FILTER_OPT_FIELD)
		return bare_option(f->envelope, names[opt - FILTER_OPT_IP], str_of(arg));
	struct str value = str_of(arg), name = str_cut(&value, '=');
	char *field = str_dup(name);
	bool ok = value.p && bare_option(f->envelope, field, value);
	free(field);
	return ok;
}

int
filter_run(struct filter *f, char **operands)
{
	if (*operands)
		f->operands = operands;
	ev_prepare_init(&f->before_wait, before_wait);
	f->before_wait.data = f;
	ev_prepare_start(f->loop, &f->before_wait);
	ev_io_init(&f->readable, on_readable, STDIN_FILENO, EV_READ);
	f->readable.data = f;
	watch_output(f);
	ev_run(f->loop, 0);
	ev_prepare_stop(f->loop, &f->before_wait);
	ev_io_stop(f->loop, &f->readable);
	ev_io_stop(f->loop, &f->closed);
	flush_output(f);
	return f->exit_status;
}

int
filter_exit_code(const struct record *r)
{
	struct reply reply;
	switch (record_status(r)) {
	case STATUS_TEMPFAIL:
		return EX_TEMPFAIL;
	case STATUS_PERMFAIL:
		if (reply_parse(record_get(r, "reply"), &reply) == 0) {
			if (str_starts(reply.enhanced, STR("5.7.")))
				return EX_NOPERM;
			if (str_starts(reply.enhanced, STR("5.6.")))
				return EX_DATAERR;
		}
		return EX_UNAVAILABLE;
	default:
		return EX_OK;
	}
}
