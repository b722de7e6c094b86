/* evaluate.h: the way of a message through the rules.  Every rule is tried, in
 * order, for every recipient that is still there; its actions are done, in
 * order, for those that match.  What an external action is (a coprocess, a line
 * in a plan) is the executor's business. */
#ifndef MM_RULE_EVALUATE_H
#define MM_RULE_EVALUATE_H

#include "job.h"

struct executor {
	/* The rule at hand was tried; `matched` of the recipients did.  May be NULL. */
	void (*tried)(struct job *j, size_t matched);

	/* Carries the action out for the recipients that are .acting and sets their
	 * step_status and step_reply.  True: it is done; false: job_resume() will be
	 * called when it is. */
	bool (*external)(struct job *j, const struct action *a);

	/* The outcome of an action (an internal one as well) is known for the
	 * matched recipients and about to take effect.  May be NULL. */
	void (*settled)(struct job *j, const struct action *a);

	/* The end: the job is the executor's to free. */
	void (*finished)(struct job *j);
};

void job_run(struct job *j);
void job_resume(struct job *j);

#endif
