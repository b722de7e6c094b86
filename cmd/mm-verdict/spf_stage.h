/* spf_stage.h: SPF of one message: its identities, MAIL FROM and HELO (RFC 7208
 * section 2), checked beside each other. */
#ifndef MM_VERDICT_SPF_STAGE_H
#define MM_VERDICT_SPF_STAGE_H

#include "evaluation.h"

struct spf_identity {
	struct spf_query query;
	char *sender, *domain, *helo; /* what the query points to */
	struct spf_check *check;      /* NULL where there is nothing to check */
};

struct spf_stage {
	const struct spf_engine *engine;
	struct spf_identity mail_from, helo;
	bool null; /* a null path: mail_from is about the HELO name */
};

/* Finds out whose SPF it is, where the verdict does not say; a part of the start. */
void spf_stage_identify(struct spf_stage *s, const struct record *rec, struct verdict *v);

/* ip may be NULL.  The evaluator and the answers must outlive the stage. */
void spf_stage_start(struct spf_stage *s, const struct evaluator *ev, const struct record *rec,
	const struct ip *ip, struct answers *answers, struct verdict *v);

/* Goes on with what is open, and writes what it comes to into the verdict. */
void spf_stage_step(struct spf_stage *s, struct verdict *v);

bool spf_stage_done(const struct spf_stage *s, const struct verdict *v);
void spf_stage_release(struct spf_stage *s);

#endif
