/* transaction.h: one mail transaction: the envelope as MAIL and RCPT give it. */
#ifndef SMTPD_TRANSACTION_H
#define SMTPD_TRANSACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ulid.h"

enum rcpt_state { RCPT_PENDING, RCPT_TAKEN, RCPT_REFUSED };

struct rcpt {
	char *path; /* "<bob@example.org> NOTIFY=NEVER"; NULL when it was none */
	enum rcpt_state state;
	bool excess; /* one more than a message may have; not the client's fault */
	char *reply; /* the whole reply; NULL while pending */
};

/* {0}: none is open. */
struct transaction {
	char *mail_from; /* "<alice@example.org> SIZE=4711"; NULL: none is open */
	char id[ULID_SIZE];
	int64_t received_ms;
	bool utf8;          /* SMTPUTF8 was asked for */
	bool binary;        /* BODY=BINARYMIME: the message need not be text */
	bool chunked;       /* a BDAT has begun the message */
	size_t size;        /* as SIZE= announced; 0: it was not */
	size_t size_limit;  /* the least that the policy allows; 0: no such limit */
	struct rcpt *rcpts; /* in the order of the commands */
	size_t nrcpts, cap;
	size_t answered; /* replies sent, from the front */
	size_t taken;    /* recipients in state RCPT_TAKEN */
};

void transaction_open(struct transaction *t, char *mail_from);   /* takes the string */
struct rcpt *transaction_add(struct transaction *t, char *path); /* takes the string */
void transaction_reset(struct transaction *t);

#endif
