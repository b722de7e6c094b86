#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"
#include "pager.h"

static pid_t pager;

static bool
in_path(const char *program)
{
	const char *path = getenv("PATH");
	struct str rest = str_of(path ? path : "/usr/bin:/bin");
	bool found = false;
	while (rest.p && !found) {
		struct str dir = str_cut(&rest, ':');
		char *file = xasprintf("%.*s/%s", STR_ARG(dir), program);
		found = access(file, X_OK) == 0;
		free(file);
	}
	return found;
}

static const char *
command(void)
{
	static const char *const variables[] = {"MM_PAGER", "PAGER"};
	for (size_t i = 0; i < 2; i++) {
		const char *value = getenv(variables[i]);
		if (value)
			return *value && strcmp(value, "cat") != 0 ? value : NULL;
	}
	return in_path("less") ? "less" : NULL;
}

static void
wait_for_it(void)
{
	fflush(stdout);
	close(STDOUT_FILENO);
	while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
		;
}

/* It ends with what it shows, not with what made that. */
static void
on_signal(int number)
{
	close(STDOUT_FILENO);
	(void)waitpid(pager, NULL, 0);
	signal(number, SIG_DFL);
	raise(number);
}

static void
become(const char *shell_command, const int ends[2])
{
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	setenv("LESS", "FRX", 0);
	setenv("LV", "-c", 0);
	execl("/bin/sh", "sh", "-c", shell_command, (char *)NULL);
	_exit(127);
}

void
pager_start(void)
{
	const char *shell_command = command();
	int ends[2];
	if (!shell_command || pipe(ends) < 0)
		return;
	pager = fork();
	if (pager == 0)
		become(shell_command, ends);
	if (pager > 0) {
		dup2(ends[1], STDOUT_FILENO);
		atexit(wait_for_it);
		signal(SIGINT, on_signal);
		signal(SIGTERM, on_signal);
		signal(SIGPIPE, on_signal);
	}
	close(ends[0]);
	close(ends[1]);
}
