/* outcome.h: what a worker's answer means for each recipient. */
#ifndef MM_QUEUE_OUTCOME_H
#define MM_QUEUE_OUTCOME_H

#include <stdbool.h>

#include "address.h"
#include "record.h"

struct recipient {
	struct str rcpt_to; /* the field, with its parameters */
	enum status status; /* ok, tempfail or permfail */
	struct str reply;   /* the SMTP reply that says it; may be empty */
};

struct outcome {
	struct recipient *recipients; /* owned; the texts are the records' */
	size_t n, cap;
	size_t tempfail, permfail; /* how many */
	enum status status;        /* of the record as a whole, where there are no recipients */
	struct str reply;
	bool silent; /* the answer has no status: nothing of it is taken for success */
};

/* Judges the recipients that `stored` still has: by the answer's last `result`
 * for it, else by the answer's `status`, else it is a temporary failure.  Both
 * records must outlive the outcome. */
void outcome_judge(struct outcome *o, const struct record *stored, const struct record *answer);
void outcome_release(struct outcome *o);

bool same_mailbox(const struct path *a, const struct path *b);

/* Does the answer say that all is done?  Then there is nothing to judge. */
bool outcome_all_done(const struct record *answer);

/* What is kept for the next attempt, the caller's: the worker's fields, but the
 * envelope is the stored one's, without the recipients that are finished. */
struct record *outcome_progress(
	const struct record *answer, const struct record *stored, const struct outcome *o);

/* Removes from a stored record what the next attempt must not see: results that
 * were no more than temporary. */
void outcome_forget_tempfails(struct record *r);

#endif
