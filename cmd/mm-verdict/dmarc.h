/* dmarc.h: DMARC (RFC 9989) over the results of SPF and DKIM. */
#ifndef MM_VERDICT_DMARC_H
#define MM_VERDICT_DMARC_H

#include "dmarc_walk.h"
#include "message.h"
#include "result.h"

#define DMARC_MAX_IDENTIFIERS 32

struct dmarc_identifier {
	const char *domain;
	bool spf;       /* else DKIM */
	bool temperror; /* not authenticated, but it might have been */
};

struct dmarc_input {
	char *author; /* the Author Domain, lower case; NULL when there is none */
	enum auth_result author_fault; /* NONE or PERMERROR where it is NULL */
	const char *author_reason;     /* a literal, or NULL */
	struct dmarc_identifier ids[DMARC_MAX_IDENTIFIERS];
	char *owned[DMARC_MAX_IDENTIFIERS]; /* domains of ids to be freed; may be NULL */
	size_t n;
	bool psl;  /* RFC 7489 in place of RFC 9989 */
	bool both; /* SPF and DKIM are both wanted, also where one would do */
};

struct dmarc_outcome {
	enum auth_result result;
	enum dmarc_policy policy;      /* published for this domain; UNSET: no record */
	enum dmarc_policy disposition; /* asked for this message, t= and pct= heeded */
	const char *where;             /* the domain that has the record, a view; or NULL */
	bool spf, dkim;                /* passed and aligned; with `both` always told */
	bool sampled_out;              /* milder because of pct= */
	bool tested;                   /* milder because of t=y */
	char reason[128];
};

/* Finds the Author Domain of the message. */
void dmarc_author(struct dmarc_input *in, const struct message *msg);
void dmarc_input_release(struct dmarc_input *in);

/* Asks early for what the Author Domain publishes: what the sender's own domains
 * take their time for must not leave too little for it. */
void dmarc_prepare(const struct dmarc_input *in, struct answers *answers);

enum step dmarc_step(
	const struct dmarc_input *in, struct answers *answers, struct dmarc_outcome *out);

#endif
