/* answer.h: what an action's coprocess said. */
#ifndef MM_RULE_ANSWER_H
#define MM_RULE_ANSWER_H

#include "outcome.h"
#include "textmap.h"

struct answer {
	const struct record *record;
	const char *action;     /* its name, for replies */
	struct result *results; /* views into the record */
	size_t n;
	struct textmap by_path; /* indexes of results; empty when there is one at most */
	enum status status;     /* the record's own, for those without a result */
	struct str reply;
};

/* The record must outlive a. */
void answer_read(struct answer *a, const struct record *record, const char *action);
void answer_release(struct answer *a);

/* The outcome for one recipient: its result, else the record's status; an answer
 * without either means that all went well.  *reply is the caller's, a whole
 * SMTP reply in any case. */
enum status answer_for(const struct answer *a, struct str path, char **reply);

/* What it says about the rules to come, for all recipients. */
enum disposition answer_disposition(const struct answer *a);

/* Adds to `learned` the fields that the answer has beyond `sent`, envelope and
 * outcome aside. */
void answer_learn(const struct answer *a, const struct record *sent, struct record *learned);

#endif
