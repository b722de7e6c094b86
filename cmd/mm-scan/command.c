/* Any program: the message on its standard input, its exit status the verdict. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyser.h"
#include "buf.h"
#include "child.h"
#include "log.h"
#include "mem.h"

#define MAX_OUTPUT 4096
#define EXIT_GRACE_MS 1000 /* from the end of its output to its end */

struct command {
	struct ev_loop *loop;
	char *const *program;
};

struct job {
	struct command *state;
	struct scan *scan;
	struct child child;
	struct ev_io in, out;
	size_t sent;
	struct buf output;
};

static void *
command_open(struct ev_loop *loop, const struct scan_settings *settings)
{
	if (!settings->program || !*settings->program) {
		log_error("command: expected -- and a program behind the analyser");
		return NULL;
	}
	struct command *c = xcalloc(1, sizeof(*c));
	c->loop = loop;
	c->program = settings->program;
	return c;
}

static void
command_close(void *state)
{
	free(state);
}

static void
stop_watching(struct job *j)
{
	ev_io_stop(j->state->loop, &j->in);
	ev_io_stop(j->state->loop, &j->out);
}

static void
release(struct job *j)
{
	buf_release(&j->output);
	free(j);
}

static void
conclude(struct job *j)
{
	struct scan *s = j->scan;
	struct str rest = buf_str(&j->output), line = str_trim(str_cut(&rest, '\n'));
	char reason[128] = "";
	stop_watching(j);
	int status = child_stop(&j->child, EXIT_GRACE_MS);
	if (line.n)
		scan_found(s, "detail", line);
	if (WIFSIGNALED(status))
		(void)snprintf(reason, sizeof(reason), "%s: killed by signal %d",
			j->state->program[0], WTERMSIG(status));
	else
		(void)snprintf(reason, sizeof(reason), "%s: exit %d", j->state->program[0],
			WEXITSTATUS(status));
	release(j);
	if (WIFEXITED(status) && WEXITSTATUS(status) <= 1)
		scan_finish(s, WEXITSTATUS(status) == 0 ? SCAN_PASS : SCAN_FAIL, NULL);
	else
		scan_finish(s, SCAN_PROCESSING_FAILED, reason);
}

static void
close_input(struct job *j)
{
	ev_io_stop(j->state->loop, &j->in);
	close(j->child.in);
	j->child.in = -1;
}

static void
on_writable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct job *j = w->data;
	const struct blob *body = j->scan->rec->body;
	(void)loop, (void)events;
	ssize_t put = write(j->child.in, body->p + j->sent, body->n - j->sent);
	if (put > 0)
		j->sent += (size_t)put;
	bool broken = put < 0 && errno != EAGAIN && errno != EINTR;
	if (j->sent == body->n || broken) /* it need not read to the end */
		close_input(j);
}

static void
on_readable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct job *j = w->data;
	char piece[4096];
	(void)loop, (void)events;
	ssize_t got = read(j->child.out, piece, sizeof(piece));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		conclude(j);
		return;
	}
	size_t room = MAX_OUTPUT - j->output.n;
	buf_add(&j->output, piece, (size_t)got < room ? (size_t)got : room);
}

static void
command_start(void *state, struct scan *s)
{
	struct command *c = state;
	struct job *j = xcalloc(1, sizeof(*j));
	j->state = c;
	j->scan = s;
	s->job = j;
	if (child_spawn(&j->child, c->program, false) < 0) {
		char reason[256];
		(void)snprintf(reason, sizeof(reason), "cannot run %s: %s", c->program[0],
			strerror(errno));
		release(j);
		scan_finish(s, SCAN_PROCESSING_FAILED, reason);
		return;
	}
	ev_io_init(&j->in, on_writable, j->child.in, EV_WRITE);
	ev_io_init(&j->out, on_readable, j->child.out, EV_READ);
	j->in.data = j->out.data = j;
	ev_io_start(c->loop, &j->in);
	ev_io_start(c->loop, &j->out);
}

static void
command_cancel(void *state, struct scan *s)
{
	struct job *j = s->job;
	(void)state;
	stop_watching(j);
	child_kill(&j->child);
	release(j);
}

const struct analyser analyser_command = {
	.name = "command",
	.parallel = 8,
	.timeout_ms = 60000,
	.executes = true,
	.open = command_open,
	.start = command_start,
	.cancel = command_cancel,
	.close = command_close,
};
