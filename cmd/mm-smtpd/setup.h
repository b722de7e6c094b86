/* setup.h: what the options leave open, from the site: the ingress point, the policy,
 * the certificate, the host name. */
#ifndef SMTPD_SETUP_H
#define SMTPD_SETUP_H

#include "config.h"

/* Completes what options_parse() began.  Returns how many problems there are; each
 * was logged. */
int setup_complete(struct config *cfg);
void setup_release(struct config *cfg);

#endif
