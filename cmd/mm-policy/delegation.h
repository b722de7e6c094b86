/* delegation.h: requests of Postfix's policy delegation protocol
 * (SMTPD_POLICY_README): lines name=value up to an empty line. */
#ifndef MM_POLICY_DELEGATION_H
#define MM_POLICY_DELEGATION_H

#include "record.h"

#define DELEGATION_MAX_LINE 8192
#define DELEGATION_MAX_ATTRIBUTES 100

/* Attributes that we heed. */
enum delegation_attribute {
	DELEGATION_REQUEST,
	DELEGATION_INSTANCE,
	DELEGATION_CLIENT_ADDRESS,
	DELEGATION_CLIENT_PORT,
	DELEGATION_CLIENT_NAME,
	DELEGATION_SERVER_ADDRESS,
	DELEGATION_SERVER_PORT,
	DELEGATION_HELO_NAME,
	DELEGATION_PROTOCOL_NAME,
	DELEGATION_ENCRYPTION_PROTOCOL,
	DELEGATION_ENCRYPTION_CIPHER,
	DELEGATION_SASL_USERNAME,
	DELEGATION_SASL_METHOD,
	DELEGATION_CCERT_SUBJECT,
	DELEGATION_SENDER,
	DELEGATION_SIZE,
	DELEGATION_RECIPIENT,
	DELEGATION_COUNT,
};

/* A request that is coming in; {0} the first time. */
struct delegation {
	struct buf line; /* the last, unfinished one */
	struct buf values[DELEGATION_COUNT];
	size_t attributes;
	const char *error; /* of DELEGATION_BROKEN */
};

enum delegation_state { DELEGATION_MORE, DELEGATION_WHOLE, DELEGATION_BROKEN };

/* Takes octets off the front of *input.  MORE: all of them, the request goes on.
 * WHOLE: up to the end of a request.  BROKEN: this is no such request; nothing
 * more may be fed. */
enum delegation_state delegation_feed(struct delegation *d, struct str *input);

/* Is the beginning of a request there? */
bool delegation_begun(const struct delegation *d);

/* The whole request as an envelope (record_free()); d is ready for the next. */
struct record *delegation_take(struct delegation *d);

void delegation_release(struct delegation *d);

#endif
