/* child.h: a child process with pipes at its standard input and output. */
#ifndef MM_CHILD_H
#define MM_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
	pid_t pid; /* 0: there is none */
	int in;    /* write here; non-blocking */
	int out;   /* read here; non-blocking */
};

/* Tells a filter, by naming its parent's process id, that records may come back
 * without their message (mm-stream(5), "Filters").  A stage of a pipeline has a shell
 * for a parent, so that it does not take the message from the next one. */
#define CHILD_FIELDS_ONLY "MM_FIELDS_ONLY"

/* Starts argv[0] (searched in $PATH) in a process group of its own, standard
 * error shared; fields_only sets that in its environment.  0, or -1 with errno set, also when
 * the program cannot be executed. */
int child_spawn(struct child *c, char *const *argv, bool fields_only);

/* Closes both pipes, kills the group, reaps.  Nothing to do when there is none. */
void child_kill(struct child *c);

/* Closes the input, reads and throws away what the child still says until it
 * ends, or kills it after wait_ms.  Returns its wait status. */
int child_stop(struct child *c, int64_t wait_ms);

#endif
