/* command.h: a local program run once for a message: JSON on its standard input,
 * what it prints is its answer.  Many at once. */
#ifndef MM_COMMAND_H
#define MM_COMMAND_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

#define COMMAND_MAX_OUTPUT (1u << 20)

struct commands;

struct command_result {
	int exit_status;   /* -1: it could not be started, was killed or timed out */
	const char *error; /* then: why */
	struct str output;
};

/* The result is valid during the call only. */
typedef void command_done(void *arg, const struct command_result *r);

struct commands *commands_new(
	struct ev_loop *loop, char *const *argv, unsigned max_running, int64_t timeout_ms);

/* Takes the input's memory.  done is called once, never from within. */
void command_run(struct commands *c, struct buf *input, command_done *done, void *arg);

/* Kills what runs. */
void commands_free(struct commands *c);

#endif
