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
	size_t n;
};

struct dmarc_outcome {
	enum auth_result result;
	enum dmarc_policy policy;      /* published for this domain; UNSET: no record */
	enum dmarc_policy disposition; /* asked for this message, t= heeded */
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
