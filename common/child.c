#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "io.h"
#include "stream.h"

extern char **environ;

static int
make_pipes(int to_child[2], int from_child[2])
{
	if (pipe2(to_child, O_CLOEXEC) < 0)
		return -1;
	if (pipe2(from_child, O_CLOEXEC) < 0) {
		close(to_child[0]);
		close(to_child[1]);
		return -1;
	}
	/* Large pipes make large batches; a refusal (pipe-user-pages) is harmless. */
	(void)fcntl(to_child[1], F_SETPIPE_SZ, STREAM_PIPE_SIZE);
	(void)fcntl(from_child[1], F_SETPIPE_SZ, STREAM_PIPE_SIZE);
	return 0;
}

static int
spawn_with(pid_t *pid, char *const *argv, int stdin_fd, int stdout_fd)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t reset;
	sigemptyset(&reset);
	sigaddset(&reset, SIGPIPE); /* we ignore it; a child need not */
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, stdin_fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, stdout_fd, STDOUT_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigdefault(&attr, &reset);
	int rc = posix_spawnp(pid, argv[0], &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	errno = rc;
	return rc == 0 ? 0 : -1;
}

static void
ask_for_fields(bool wanted)
{
	char pid[16];
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	(void)(wanted ? setenv(CHILD_FIELDS_ONLY, pid, 1) : unsetenv(CHILD_FIELDS_ONLY));
}

int
child_spawn(struct child *c, char *const *argv, bool fields_only)
{
	int to_child[2], from_child[2];
	*c = (struct child){.in = -1, .out = -1};
	if (make_pipes(to_child, from_child) < 0)
		return -1;
	ask_for_fields(fields_only);
	int rc = spawn_with(&c->pid, argv, to_child[0], from_child[1]);
	int saved = errno;
	close(to_child[0]);
	close(from_child[1]);
	c->in = to_child[1];
	c->out = from_child[0];
	io_set_nonblocking(c->in, true);
	io_set_nonblocking(c->out, true);
	if (rc < 0) {
		c->pid = 0;
		close(c->in);
		close(c->out);
	}
	errno = saved;
	return rc;
}

static int
reap(struct child *c)
{
	int status = 0;
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
	return status;
}

void
child_kill(struct child *c)
{
	if (!c->pid)
		return;
	close(c->in);
	close(c->out);
	kill(-c->pid, SIGKILL);
	reap(c);
}

/* Until the child has closed its output, at the latest at `until`. */
static void
read_out(struct child *c, int64_t until)
{
	char waste[65536];
	for (int64_t left; (left = until - clock_mono_ms()) > 0;) {
		struct pollfd p = {.fd = c->out, .events = POLLIN};
		if (poll(&p, 1, (int)left) > 0 && read(c->out, waste, sizeof(waste)) == 0)
			return;
	}
}

int
child_stop(struct child *c, int64_t wait_ms)
{
	if (!c->pid)
		return 0;
	int64_t until = clock_mono_ms() + wait_ms;
	int status = 0;
	close(c->in);
	read_out(c, until);
	close(c->out);
	while (waitpid(c->pid, &status, WNOHANG) == 0) {
		if (clock_mono_ms() >= until) {
			kill(-c->pid, SIGKILL);
			return reap(c);
		}
		(void)poll(NULL, 0, 5);
	}
	c->pid = 0;
	return status;
}
