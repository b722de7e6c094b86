/* options.h: the command line of mm-smtpd becomes its configuration. */
#ifndef SMTPD_OPTIONS_H
#define SMTPD_OPTIONS_H

#include "config.h"

/* Ends the program when it cannot be understood; setup_complete() comes next. */
void options_parse(struct config *cfg, int argc, char **argv, const char *help);

#endif
