/* errands.h: what a session asks of others (the policy, the handler, the password
 * check), carried there and back. */
#ifndef SMTPD_ERRANDS_H
#define SMTPD_ERRANDS_H

#include "connection.h"

extern const struct session_ops errands;

/* The client is gone.  Messages at the handler stay there, and their outcome is
 * still logged. */
void errands_abandon(struct connection *c);

/* The time that a failed login must wait is over. */
void errands_delay_over(struct connection *c);

#endif
