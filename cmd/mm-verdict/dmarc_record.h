/* dmarc_record.h: DMARC policy records (RFC 9989 section 4.7). */
#ifndef MM_VERDICT_DMARC_RECORD_H
#define MM_VERDICT_DMARC_RECORD_H

#include "answers.h"
#include "buf.h"
#include "str.h"

enum dmarc_policy { DMARC_UNSET, DMARC_NONE, DMARC_QUARANTINE, DMARC_REJECT };

struct dmarc_record {
	enum dmarc_policy p, sp, np; /* UNSET where the record does not say */
	bool strict_dkim, strict_spf;
	char psd;     /* y, n, or u for unknown */
	bool testing; /* t=y */
	bool has_p, has_rua;
	int pct; /* of RFC 7489; 100 where the record does not say */
};

const char *dmarc_policy_word(enum dmarc_policy p); /* "" for UNSET */

/* 0; -1 when it is no DMARC record, or one that section 4.10.1 says not to apply. */
int dmarc_record_parse(struct dmarc_record *r, struct str txt);

/* Appends the text of the one record that starts as RFC 9989 wants it; false if there
 * is none or more than one. */
bool dmarc_record_text(struct buf *out, const struct answer *a);

/* The one record of a TXT answer; false if there is none or more than one. */
bool dmarc_record_select(struct dmarc_record *r, const struct answer *a);

#endif
