/* treatment.h: what a rule set does with one recipient of a message, to be compared
 * with what another does. */
#ifndef MM_RULE_TREATMENT_H
#define MM_RULE_TREATMENT_H

#include "buf.h"
#include "record.h"
#include "ruleset.h"

struct treatment {
	struct buf key;   /* equal for treatments that are */
	struct buf text;  /* for people: "Archive keep, Relay one" */
	struct buf rules; /* whose actions are done: "invoices, rest" */
};

/* Fills *t ({0}, or used before) as if every action succeeded; nothing is done. */
void treatment_find(
	struct treatment *t, struct ruleset *set, const struct record *r, struct str rcpt_to);
void treatment_release(struct treatment *t);

#endif
