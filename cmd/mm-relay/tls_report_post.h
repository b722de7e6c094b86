/* tls_report_post.h: TLS reports by HTTPS (RFC 8460 section 5.4). */
#ifndef MM_TLS_REPORT_POST_H
#define MM_TLS_REPORT_POST_H

#include "http.h"
#include "tls_report_mail.h"

/* Is it a URI that a report may be posted to: https, without credentials in it? */
bool tls_report_postable(struct str uri);

/* Whether it was taken; told and logged once, never from within. */
typedef void tls_report_posted(void *arg, bool taken);

/* Sends the report to the URI, which is postable; after failures that may pass once more. */
void tls_report_post(struct http *http, const struct tls_report *r, struct str uri,
	tls_report_posted *done, void *arg);

#endif
