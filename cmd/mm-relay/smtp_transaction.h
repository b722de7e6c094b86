/* smtp_transaction.h: the part of the SMTP client that carries one message from
 * MAIL to the reply after the final dot.  Private to the client. */
#ifndef MM_SMTP_TRANSACTION_H
#define MM_SMTP_TRANSACTION_H

#include "smtp_client.h"

enum smtp_command {
	CMD_GREETING,
	CMD_EHLO,
	CMD_HELO,
	CMD_STARTTLS,
	CMD_AUTH,
	CMD_AUTH_USER,
	CMD_AUTH_PASSWORD,
	CMD_AUTH_SCRAM,
	CMD_AUTH_SCRAM_FINAL,
	CMD_AUTH_TOKEN,
	CMD_RSET,
	CMD_MAIL,
	CMD_RCPT,
	CMD_DATA,
	CMD_DOT,
	CMD_QUIT,
};

/* The reply in c->reply answers this command of the transaction. */
void smtp_transaction_reply(struct smtp_client *c, enum smtp_command command, size_t rcpt);

void smtp_expect(struct smtp_client *c, enum smtp_command command, size_t rcpt);
void smtp_fail(struct smtp_client *c, enum status s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
