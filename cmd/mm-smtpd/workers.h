/* workers.h: several processes that serve the same listening sockets. */
#ifndef SMTPD_WORKERS_H
#define SMTPD_WORKERS_H

#include "config.h"

#define WORKERS_MOST 64

/* Opens the sockets, starts cfg->workers processes (server_work() each), starts those
 * that die again, and passes signals on, until one asks for the end.  Returns the exit
 * status. */
int workers_run(const struct config *cfg);

#endif
