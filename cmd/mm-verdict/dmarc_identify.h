/* dmarc_identify.h: the authenticated identifiers of a message (RFC 9989 section 3.2). */
#ifndef MM_VERDICT_DMARC_IDENTIFY_H
#define MM_VERDICT_DMARC_IDENTIFY_H

#include "dmarc.h"
#include "verdict.h"

/* Adds those that SPF and DKIM found, also those of which a record says it: as they are
 * compared, in lower case with A-labels. */
void dmarc_identify(struct dmarc_input *in, const struct verdict *v);

#endif
