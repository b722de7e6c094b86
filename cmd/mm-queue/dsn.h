/* dsn.h: delivery status notifications, RFC 3464, asked for as RFC 3461 says;
 * with RFC 6533 where an address is not ASCII. */
#ifndef MM_QUEUE_DSN_H
#define MM_QUEUE_DSN_H

#include <stdint.h>

#include "record.h"

enum dsn_action {
	DSN_FAILED,
	DSN_DELAYED,
	DSN_RELAYED, /* to a server that does not know RFC 3461 */
	DSN_DELIVERED
};

struct dsn_recipient {
	struct str rcpt_to; /* with its parameters: NOTIFY, ORCPT */
	struct str reply;   /* the last one */
	struct str host;    /* that said it; absent where it is not known */
	enum dsn_action action;
	bool expired; /* failed: we gave up; else it was refused for good */
};

struct dsn {
	const char *hostname;
	const struct record *of; /* with its message and mail-from */
	int64_t queued, now;
	int64_t until; /* delayed: it is tried until then */
	const struct dsn_recipient *recipients;
	size_t n;
};

enum dsn_answer {
	DSN_MADE,
	DSN_NO_SENDER, /* the reverse-path is null, or there is none */
	DSN_NOT_WANTED /* NOTIFY says so for every recipient */
};

/* Does NOTIFY of this recipient ask for it?  Without NOTIFY failures and delays
 * are told (RFC 3461 section 4.1). */
bool dsn_wanted(struct str rcpt_to, enum dsn_action action);

/* DSN_MADE when there is somebody who wants to hear. */
enum dsn_answer dsn_check(const struct dsn *d);

/* A record to the sender, with an id of its own, the caller's; about those of the
 * recipients for whom it is wanted. */
enum dsn_answer dsn_make(const struct dsn *d, struct record **out);

#endif
