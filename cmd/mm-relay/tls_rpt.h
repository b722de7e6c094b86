/* tls_rpt.h: what became of TLS with the exchangers of each domain, a line of JSON a
 * session, a file a day (UTC) that several processes may write: the stuff of TLS
 * reports (RFC 8460). */
#ifndef MM_TLS_RPT_H
#define MM_TLS_RPT_H

#include <jansson.h>

#include "str.h"

struct tls_rpt;

struct tls_session {
	const char *domain;  /* of the recipients */
	json_t *policy;      /* as a report has it; NULL: no policy was found */
	const char *problem; /* a result type of RFC 8460 section 4.3; NULL: success */
	const char *mx, *ip; /* of the server; NULL: it did not come to that */
	struct str detail;   /* of a problem */
};

/* The files are STATE/tls-rpt/YYYY-MM-DD.jsonl.  NULL after an error was logged. */
struct tls_rpt *tls_rpt_new(const char *state);
void tls_rpt_free(struct tls_rpt *r);

/* Failures to write are logged, once a day. */
void tls_rpt_note(struct tls_rpt *r, const struct tls_session *s);

/* The file of a day "YYYY-MM-DD"; the caller frees. */
char *tls_rpt_path(const char *state, const char *day);

#endif
