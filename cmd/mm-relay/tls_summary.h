/* tls_summary.h: a day's TLS results, summed up as the reports of RFC 8460, one a
 * domain. */
#ifndef MM_TLS_SUMMARY_H
#define MM_TLS_SUMMARY_H

#include <jansson.h>

struct tls_summary {
	json_t *domains; /* domain: {policy as text: an element of "policies"} */
	size_t skipped;  /* lines that could not be read */
};

/* Reads a file of tls_rpt.h.  0, or -1 with errno set. */
int tls_summary_read(struct tls_summary *s, const char *path);
void tls_summary_release(struct tls_summary *s);

/* "policies" of one domain's report, the caller's. */
json_t *tls_summary_policies(const struct tls_summary *s, const char *domain);

#endif
