/* dsn.h: delivery status notifications, RFC 3464, asked for as RFC 3461 says;
 * with RFC 6533 where an address is not ASCII. */
#ifndef MM_QUEUE_DSN_H
#define MM_QUEUE_DSN_H

#include <stdint.h>

#include "record.h"

struct dsn_recipient {
	struct str rcpt_to; /* with its parameters: NOTIFY, ORCPT */
	struct str reply;   /* the last one */
	bool expired;       /* gave up; else refused for good */
};

struct dsn {
	const char *hostname;
	const struct record *of; /* with its message and mail-from */
	int64_t queued, now;
	const struct dsn_recipient *recipients;
	size_t n;
};

enum dsn_answer {
	DSN_MADE,
	DSN_NO_SENDER, /* the reverse-path is null, or there is none */
	DSN_NOT_WANTED /* NOTIFY says so for every recipient */
};

/* A record to the sender, with an id of its own; the caller's. */
enum dsn_answer dsn_make(const struct dsn *d, struct record **out);

#endif
