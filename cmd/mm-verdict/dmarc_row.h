/* dmarc_row.h: what is kept of one message for aggregate reports (RFC 9990). */
#ifndef MM_VERDICT_DMARC_ROW_H
#define MM_VERDICT_DMARC_ROW_H

#include "record.h"
#include "verdict.h"

/* The texts of a row.  The first three say which policy it was judged by. */
enum dmarc_column {
	DMARC_POLICY_DOMAIN,
	DMARC_POLICY_RECORD,
	DMARC_POLICY_METHOD, /* "treewalk", "psl" */
	DMARC_SOURCE_IP,
	DMARC_HEADER_FROM,
	DMARC_ENVELOPE_FROM, /* empty for the null path */
	DMARC_DISPOSITION,   /* "none", "pass", "quarantine", "reject" */
	DMARC_DKIM_ALIGNED,  /* "pass", "fail" */
	DMARC_SPF_ALIGNED,   /* "pass", "fail" */
	DMARC_OVERRIDES,     /* a line each: TYPE COMMENT */
	DMARC_SPF_DOMAIN,    /* empty where there was nothing to check */
	DMARC_SPF_RESULT,
	DMARC_SPF_REASON,
	DMARC_SIGNATURES, /* a line each: RESULT DOMAIN SELECTOR REASON */
	DMARC_COLUMNS,
};

struct dmarc_row {
	int64_t received_ms;
	char *text[DMARC_COLUMNS]; /* never NULL */
};

/* False, and nothing to release, for a message of which there is nothing to report:
 * no policy was found, or the client's address is not known. */
bool dmarc_row_make(
	struct dmarc_row *row, const struct record *rec, const struct verdict *v, bool psl);
void dmarc_row_release(struct dmarc_row *row);

#endif
