/* dmarc_mail.h: an aggregate report as a mail (RFC 9990, "Email"). */
#ifndef MM_VERDICT_DMARC_MAIL_H
#define MM_VERDICT_DMARC_MAIL_H

#include "record.h"

struct dmarc_mail {
	const char *organization, *email; /* of the sender */
	const char *submitter;            /* its domain */
	const char *domain;               /* what the report is about */
	const char *id;                   /* of the report, local@domain */
	const char *file;                 /* name of the attachment */
	struct str attachment;            /* gzip, in base64 without line ends */
};

/* A record to be sent; the caller's. */
struct record *dmarc_mail_make(const struct dmarc_mail *m, const char *to, int64_t now_ms);

#endif
