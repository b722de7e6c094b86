/* verdict.h: everything that was found out about one message. */
#ifndef MM_VERDICT_VERDICT_H
#define MM_VERDICT_VERDICT_H

#include "dkim_diagnose.h"
#include "dmarc.h"
#include "iprev.h"
#include "record.h"
#include "result.h"

#define VERDICT_MAX_DKIM 20
#define SPF_LOCAL_REASON "client is in SpfAllow"

/* For aggregate reports.  Empty where no policy was found. */
struct verdict_dmarc {
	char *where, *record;     /* the domain that has the policy record, and its text */
	bool spf, dkim;           /* passed and aligned */
	bool tested, sampled_out; /* milder because of t=y, of pct= */
	char *override;           /* "TYPE COMMENT": why the policy is not applied; or NULL */
};

struct verdict_dkim {
	enum auth_result result;
	char *domain, *selector;          /* NULL where unknown */
	char mark[9];                     /* beginning of b=; may be empty */
	char *reason;                     /* NULL where there is none */
	struct dkim_diagnosis *diagnosis; /* NULL where none was asked for, or none is known */
};

struct verdict {
	bool spf_known, dkim_known, arc_known, dmarc_known, iprev_known;

	enum auth_result spf;
	char *spf_domain; /* NULL where there was nothing to check */
	char *spf_reason;
	char *spf_explanation; /* what the domain says to those whom it fails, or NULL */
	bool spf_helo;         /* the HELO name was checked in place of a null path */
	bool spf_local;        /* passed by our own list, not by what anybody publishes */

	bool helo_known; /* SPF of the HELO name, beside a path that is not null */
	enum auth_result helo;
	char *helo_domain, *helo_reason;

	struct verdict_dkim dkim[VERDICT_MAX_DKIM]; /* none: not signed */
	size_t ndkim;

	enum auth_result arc;  /* NONE, PASS or FAIL */
	char *arc_domain;      /* of the newest seal; NULL where unknown */
	unsigned arc_instance; /* its number; 0 where unknown */
	char *arc_reason;
	bool arc_trusted; /* passed, and that domain is one of ArcTrustedSealers */

	enum auth_result dmarc;
	char *dmarc_domain, *dmarc_reason;
	enum dmarc_policy dmarc_policy, dmarc_disposition;
	bool dmarc_overridden; /* the disposition is ours: a trusted forwarder */

	enum auth_result iprev;
	char *iprev_name;

	struct verdict_dmarc dmarc_details; /* of a DMARC that was evaluated just now */
};

void verdict_release(struct verdict *v);

/* Reads what the record's fields spf, dkim, arc, dmarc and iprev say; those that are
 * there become known. */
void verdict_read(struct verdict *v, const struct record *rec);

/* Puts what is known in place of the record's fields of these names. */
void verdict_write(const struct verdict *v, struct record *rec);

#endif
