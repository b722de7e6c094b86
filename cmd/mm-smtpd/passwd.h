/* passwd.h: `mm-smtpd passwd [--scram] USER` makes a line of a credentials file. */
#ifndef SMTPD_PASSWD_H
#define SMTPD_PASSWD_H

/* argv[0] is "passwd".  Ends the program. */
_Noreturn void passwd_main(int argc, char **argv);

#endif
