/* stderr.h: keeps log lines away from the client. */
#ifndef SMTPD_STDERR_H
#define SMTPD_STDERR_H

/* inetd(8) makes the connection standard error too; then the log goes to the
 * system's (/dev/log), or nowhere when there is none. */
void stderr_detach(void);

#endif
