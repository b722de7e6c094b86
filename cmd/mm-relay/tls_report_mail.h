/* tls_report_mail.h: one TLS report as a message (RFC 8460 section 5.3). */
#ifndef MM_TLS_REPORT_MAIL_H
#define MM_TLS_REPORT_MAIL_H

#include <jansson.h>

#include "record.h"

struct tls_report {
	const char *domain;    /* whose policies */
	const char *submitter; /* our host's name */
	const char *contact;   /* an address: the sender */
	const char *id;
	const char *day; /* "2026-11-26" */
	json_t *policies;
};

/* The report itself, the caller's. */
json_t *tls_report_json(const struct tls_report *r);

/* A record for the recipients (addresses, up to a NULL); NULL when there is no JSON of it. */
struct record *tls_report_mail(const struct tls_report *r, const char *const *rcpts);

#endif
