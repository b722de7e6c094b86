/* postfix.h: answers Postfix's check_policy_service: DUNNO for what the policy
 * allows, the reply of the refusal for the rest. */
#ifndef MM_POLICY_POSTFIX_H
#define MM_POLICY_POSTFIX_H

#include <ev.h>

#include "gate.h"
#include "source.h"

#define POSTFIX_MAX_LISTENERS 16
#define POSTFIX_MAX_CLIENTS 2000
#define POSTFIX_IDLE_SECONDS 1000. /* Postfix itself hangs up after 300 */

struct postfix_client;

struct postfix_listener {
	struct postfix *owner;
	struct ev_io readable;
	int fd;
};

struct postfix {
	struct ev_loop *loop;
	struct policy_source *source;
	struct gate *gate;
	bool dry; /* refuse nobody */

	/* private */
	struct postfix_listener listeners[POSTFIX_MAX_LISTENERS];
	size_t nlisteners;
	struct postfix_client *clients;
	size_t nclients;
	struct ev_timer pause;
	int status;
};

/* where: "unix:PATH" or as listen_tcp() takes it; POSTFIX_MAX_LISTENERS times.  0, or -1 after
 * an error was logged. */
int postfix_listen(struct postfix *s, const char *where);

/* Serves who connects until SIGTERM or SIGINT; without listeners standard input
 * and output until their end.  Returns the exit status: EX_DATAERR when standard
 * input was not the protocol. */
int postfix_serve(struct postfix *s);

#endif
