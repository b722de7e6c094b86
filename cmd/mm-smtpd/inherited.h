/* inherited.h: listening sockets that whoever started this program has opened. */
#ifndef SMTPD_INHERITED_H
#define SMTPD_INHERITED_H

#define INHERITED_FIRST 3 /* SD_LISTEN_FDS_START of sd_listen_fds(3) */

/* How many $LISTEN_FDS says there are from INHERITED_FIRST on, if $LISTEN_PID is
 * ours.  At most once: both variables, and $LISTEN_FDNAMES, are unset, so that
 * children do not take them for theirs.  -1 after an error was logged. */
int inherited_count(void);

/* Makes it non-blocking and closed on exec.  0, or -1 after an error was logged: it
 * is no stream socket of the internet or of this host that listens. */
int inherited_take(int fd);

#endif
