/* smtp_auth.h: AUTH (RFC 4954), by the strongest mechanism that both sides know.
 * Private to the client. */
#ifndef MM_SMTP_AUTH_H
#define MM_SMTP_AUTH_H

#include "smtp_transaction.h"

/* Says AUTH, or makes the session READY or FAILED. */
void smtp_auth_start(struct smtp_client *c);

/* The reply in c->reply answers this step of it. */
void smtp_auth_reply(struct smtp_client *c, enum smtp_command command);

/* A name that EHLO lists, from the words behind AUTH. */
void smtp_auth_offered(struct smtp_client *c, struct str word);

/* "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2"; 0 when it
 * is none of them. */
unsigned smtp_auth_mechanism(struct str word);

#endif
