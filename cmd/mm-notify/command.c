#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utlist.h>

#include "child.h"
#include "command.h"
#include "mem.h"

struct run {
	struct commands *owner;
	struct buf input, output;
	size_t sent;
	command_done *done;
	void *arg;
	struct child child;
	int pidfd;
	const char *killed; /* why */
	struct ev_io in, out, exited;
	struct ev_timer timer;
	struct run *prev, *next;
};

struct commands {
	struct ev_loop *loop;
	char *const *argv;
	unsigned running, max_running;
	int64_t timeout_ms;
	struct run *waiting, *active;
};

static void start_waiting(struct commands *c);

static void
close_input(struct run *r)
{
	if (r->child.in < 0)
		return;
	ev_io_stop(r->owner->loop, &r->in);
	close(r->child.in);
	r->child.in = -1;
}

static void
close_output(struct run *r)
{
	if (r->child.out < 0)
		return;
	ev_io_stop(r->owner->loop, &r->out);
	close(r->child.out);
	r->child.out = -1;
}

static void
free_run(struct run *r)
{
	buf_release(&r->input);
	buf_release(&r->output);
	free(r);
}

static void
finish(struct run *r, int exit_status, const char *error)
{
	struct commands *c = r->owner;
	struct command_result result = {
		.exit_status = exit_status, .error = error, .output = buf_str(&r->output)};
	ev_timer_stop(c->loop, &r->timer);
	close_input(r);
	close_output(r);
	DL_DELETE(c->active, r);
	c->running--;
	r->done(r->arg, &result);
	free_run(r);
	start_waiting(c);
}

static void
kill_run(struct run *r, const char *why)
{
	r->killed = why;
	kill(-r->child.pid, SIGKILL);
}

static void
on_exited(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct run *r = w->data;
	int status = 0;
	ssize_t n;
	char in[4096];
	(void)events;
	ev_io_stop(loop, w);
	close(r->pidfd);
	while (r->child.out >= 0 && (n = read(r->child.out, in, sizeof(in))) > 0)
		if (r->output.n < COMMAND_MAX_OUTPUT)
			buf_add(&r->output, in, (size_t)n);
	if (waitpid(r->child.pid, &status, 0) < 0)
		finish(r, -1, "cannot learn how the program ended");
	else if (r->killed)
		finish(r, -1, r->killed);
	else if (WIFEXITED(status))
		finish(r, WEXITSTATUS(status), NULL);
	else
		finish(r, -1, "the program was killed by a signal");
}

static void
on_input(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct run *r = w->data;
	(void)loop, (void)events;
	ssize_t n = write(r->child.in, r->input.p + r->sent, r->input.n - r->sent);
	if (n > 0)
		r->sent += (size_t)n;
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || r->sent == r->input.n)
		close_input(r);
}

static void
on_output(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct run *r = w->data;
	char in[16384];
	(void)loop, (void)events;
	ssize_t n = read(r->child.out, in, sizeof(in));
	if (n > 0)
		buf_add(&r->output, in, (size_t)n);
	if (r->output.n > COMMAND_MAX_OUTPUT)
		kill_run(r, "the program printed too much");
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_output(r);
}

static void
on_timeout(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop, (void)events;
	kill_run(w->data, "the program took too long");
}

static void
on_not_started(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct run *r = w->data;
	(void)loop, (void)events;
	finish(r, -1, r->killed);
}

static void
watch(struct run *r)
{
	struct ev_loop *loop = r->owner->loop;
	ev_io_init(&r->in, on_input, r->child.in, EV_WRITE);
	ev_io_init(&r->out, on_output, r->child.out, EV_READ);
	ev_io_init(&r->exited, on_exited, r->pidfd, EV_READ);
	r->in.data = r->out.data = r->exited.data = r;
	ev_io_start(loop, &r->in);
	ev_io_start(loop, &r->out);
	ev_io_start(loop, &r->exited);
}

static void
start(struct run *r)
{
	struct commands *c = r->owner;
	double wait = (double)c->timeout_ms / 1000;
	if (child_spawn(&r->child, c->argv, false) < 0) {
		r->killed = strerror(errno);
		r->child.in = r->child.out = -1;
		ev_timer_init(&r->timer, on_not_started, 0., 0.);
	} else if ((r->pidfd = (int)syscall(SYS_pidfd_open, r->child.pid, 0)) < 0) {
		r->killed = strerror(errno);
		child_kill(&r->child);
		r->child.in = r->child.out = -1;
		ev_timer_init(&r->timer, on_not_started, 0., 0.);
	} else {
		ev_timer_init(&r->timer, on_timeout, wait, 0.);
		watch(r);
	}
	r->timer.data = r;
	ev_timer_start(c->loop, &r->timer);
}

static void
start_waiting(struct commands *c)
{
	while (c->waiting && c->running < c->max_running) {
		struct run *r = c->waiting;
		DL_DELETE(c->waiting, r);
		DL_APPEND(c->active, r);
		c->running++;
		start(r);
	}
}

struct commands *
commands_new(struct ev_loop *loop, char *const *argv, unsigned max_running, int64_t timeout_ms)
{
	struct commands *c = xcalloc(1, sizeof(*c));
	c->loop = loop;
	c->argv = argv;
	c->max_running = max_running;
	c->timeout_ms = timeout_ms;
	return c;
}

void
command_run(struct commands *c, struct buf *input, command_done *done, void *arg)
{
	struct run *r = xcalloc(1, sizeof(*r));
	r->owner = c;
	r->input = *input;
	*input = (struct buf){0};
	r->done = done;
	r->arg = arg;
	DL_APPEND(c->waiting, r);
	start_waiting(c);
}

void
commands_free(struct commands *c)
{
	struct run *r, *tmp;
	DL_FOREACH_SAFE(c->waiting, r, tmp)
	free_run(r);
	DL_FOREACH_SAFE(c->active, r, tmp)
	{
		ev_timer_stop(c->loop, &r->timer);
		ev_io_stop(c->loop, &r->exited);
		close_input(r);
		close_output(r);
		kill(-r->child.pid, SIGKILL);
		free_run(r);
	}
	free(c);
}
