/* dmarc_details.h: what an aggregate report tells of a DMARC verdict, beside the
 * verdict. */
#ifndef MM_VERDICT_DMARC_DETAILS_H
#define MM_VERDICT_DMARC_DETAILS_H

#include "dmarc.h"
#include "verdict.h"

/* Fills v->dmarc_details.  A field dmarc-override of the record, "TYPE COMMENT" with a
 * TYPE of RFC 9990 ("Policy Override Reason"), takes back what is asked for a message that
 * fails. */
void verdict_take_details(struct verdict *v, const struct dmarc_outcome *out,
	struct answers *answers, const struct record *rec);

#endif
