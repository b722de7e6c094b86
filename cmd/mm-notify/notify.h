/* notify.h: a record is told to a target. */
#ifndef MM_NOTIFY_H
#define MM_NOTIFY_H

#include "command.h"
#include "http.h"
#include "payload.h"

struct notifier {
	const struct target *target;
	struct payload_options payload;
	bool request_response;     /* a function's answer is waited for and heeded */
	struct http *http;         /* for an endpoint */
	struct commands *commands; /* for a command */
	int64_t timeout_ms;
	void (*finished)(void *arg, struct record *r);
	void *arg;
};

/* Takes the record; `finished` gives it back with its outcome. */
void notify_start(struct notifier *n, struct record *r);

#endif
