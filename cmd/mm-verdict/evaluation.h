/* evaluation.h: one message from its arrival to its verdict, with any number of
 * others beside it. */
#ifndef MM_VERDICT_EVALUATION_H
#define MM_VERDICT_EVALUATION_H

#include "dkim_engine.h"
#include "dns.h"
#include "networks.h"
#include "record.h"
#include "spf_engine.h"
#include "verdict.h"

struct evaluator {
	struct dns *dns;
	const struct spf_engine *spf;
	const struct dkim_engine *dkim;
	const struct networks *spf_allow; /* clients that pass without a check; or NULL */
	const char *receiver;             /* our own name, for SPF macros */
	int64_t timeout_ms;               /* for all DNS questions of a message */
	size_t max_signatures;            /* DKIM signatures verified a message */
	char *const *trusted_sealers;     /* domains, up to a NULL; or NULL */
	bool diagnose;                    /* DKIM signatures that fail, for a report */
	bool given;                       /* what the record's fields say already is kept */
	bool dmarc_psl;                   /* RFC 7489 in place of RFC 9989 */
	bool dmarc_details; /* the verdict is to have what an aggregate report needs */

	/* Takes the record; the verdict is valid during the call.  Called once for each
	 * record, also from within evaluation_start(). */
	void (*finished)(void *arg, struct record *rec, const struct verdict *v);
	void *arg;
};

/* Takes the record. */
void evaluation_start(const struct evaluator *ev, struct record *rec);

#endif
