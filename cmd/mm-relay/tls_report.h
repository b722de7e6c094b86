/* tls_report.h: "mm-relay tls-report": a day's TLS results as reports (RFC 8460), a mail
 * stream of messages to those who want them. */
#ifndef MM_TLS_REPORT_H
#define MM_TLS_REPORT_H

/* argv[0] is the word tls-report. */
_Noreturn void tls_report_main(int argc, char **argv);

#endif
