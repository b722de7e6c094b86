/* verdict.h: everything that was found out about one message. */
#ifndef MM_VERDICT_VERDICT_H
#define MM_VERDICT_VERDICT_H

#include "dmarc.h"
#include "iprev.h"
#include "record.h"
#include "result.h"

#define VERDICT_MAX_DKIM 20

struct verdict_dkim {
	enum auth_result result;
	char *domain, *selector; /* NULL where unknown */
	char mark[9];            /* beginning of b=; may be empty */
	char *reason;            /* NULL where there is none */
};

struct verdict {
	bool spf_known, dkim_known, dmarc_known, iprev_known;

	enum auth_result spf;
	char *spf_domain; /* NULL where there was nothing to check */
	char *spf_reason;
	bool spf_helo; /* the HELO name was checked in place of a null path */

	struct verdict_dkim dkim[VERDICT_MAX_DKIM]; /* none: not signed */
	size_t ndkim;

	enum auth_result dmarc;
	char *dmarc_domain, *dmarc_reason;
	enum dmarc_policy dmarc_policy, dmarc_disposition;

	enum auth_result iprev;
	char *iprev_name;
};

void verdict_release(struct verdict *v);

/* Reads what the record's fields spf, dkim, dmarc and iprev say; those that are
 * there become known. */
void verdict_read(struct verdict *v, const struct record *rec);

/* Puts what is known in place of the record's fields of these names. */
void verdict_write(const struct verdict *v, struct record *rec);

#endif
