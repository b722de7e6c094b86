/* notify.h: what an attempt's outcome tells the sender. */
#ifndef MM_QUEUE_NOTIFY_H
#define MM_QUEUE_NOTIFY_H

#include "outcome.h"
#include "runner.h"

struct attempt {
	struct flight *flight;
	struct record *stored; /* its message is loaded when it is needed */
	size_t size;           /* of the message */
	const struct record *answer;
	const struct outcome *outcome;
	bool expired;
};

/* A line about one recipient of the record. */
void notify_log(enum log_level level, const char *msg, const struct flight *f,
	const struct record *r, struct str rcpt_to, struct str reply);

/* A notification, the caller's; NULL where there is nothing to tell or nobody who
 * wants to hear it, which is logged. */
struct record *notify_sender(const struct attempt *a);

/* Is it time for the one warning that it is delayed? */
bool notify_delay_due(const struct attempt *a);

#endif
