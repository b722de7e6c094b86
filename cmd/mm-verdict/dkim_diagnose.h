/* dkim_diagnose.h: what became of a signed message that its signature does not verify,
 * for a person to read. */
#ifndef MM_VERDICT_DKIM_DIAGNOSE_H
#define MM_VERDICT_DKIM_DIAGNOSE_H

#include "dkim_hash.h"

struct dkim_diagnosis {
	const char *differs; /* a literal */
	char because[400];   /* empty where no known kind of change explains it */
	const char *fix;     /* a literal; NULL where there is no advice */
};

/* Of a signature that failed though its key was there.  False when there is nothing
 * to say. */
bool dkim_diagnose(
	struct dkim_diagnosis *d, const struct message *msg, const struct dkim_signature *s);

/* Its two halves: try the known kinds of changes.  False when none explains it. */
bool dkim_diagnose_body(
	struct dkim_diagnosis *d, const struct message *msg, const struct dkim_signature *s);
bool dkim_diagnose_header(struct dkim_diagnosis *d, struct dkim_hash *h,
	const struct message *msg, const struct dkim_signature *s, struct dkim_pkey *key);

#endif
