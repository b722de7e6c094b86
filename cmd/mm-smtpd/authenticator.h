/* authenticator.h: checks passwords in a thread of its own, since a good hash takes
 * a tenth of a second and the event loop has none to give away. */
#ifndef SMTPD_AUTHENTICATOR_H
#define SMTPD_AUTHENTICATOR_H

#include <ev.h>

#include "credentials.h"

struct authenticator;
struct auth_job;

typedef void auth_done(void *arg, bool good);

/* The thread starts with the first job. */
struct authenticator *authenticator_new(struct ev_loop *loop);
void authenticator_free(struct authenticator *a); /* NULL is allowed */

/* Copies what it needs.  A user that is not there costs as much as one that is.
 * NULL when there are too many jobs already.  done is called by the loop. */
struct auth_job *authenticator_submit(struct authenticator *a, const struct credentials *c,
	const char *user, const char *password, auth_done *done, void *arg);
void authenticator_cancel(struct auth_job *job); /* done will not be called */

#endif
