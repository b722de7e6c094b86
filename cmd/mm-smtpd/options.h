/* options.h: the command line of mm-smtpd becomes its configuration. */
#ifndef SMTPD_OPTIONS_H
#define SMTPD_OPTIONS_H

#include "config.h"

/* Ends the program when something is wrong: usage, or an ingress point that cannot
 * be read. */
void options_parse(struct config *cfg, int argc, char **argv, const char *help);
void options_release(struct config *cfg);

#endif
