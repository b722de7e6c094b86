/* postfix_client.h: one connection of Postfix's smtpd. */
#ifndef MM_POLICY_POSTFIX_CLIENT_H
#define MM_POLICY_POSTFIX_CLIENT_H

#include "postfix.h"

/* Begins to serve; the descriptors, which may be one, are closed at the end unless
 * they are standard input and output: then the loop ends with them. */
void postfix_client_new(struct postfix *s, int in, int out);
void postfix_client_close(struct postfix_client *c);

#endif
