/* dmarc_report.h: mm-verdict report, the DMARC aggregate reports of a day. */
#ifndef MM_VERDICT_DMARC_REPORT_H
#define MM_VERDICT_DMARC_REPORT_H

/* The command; argv[0] is its name.  Returns the exit status. */
int dmarc_report(int argc, char **argv);

#endif
