/* answers.h: what one message has learned from the DNS.  Evaluations run over this
 * table from their start, as often as needed: a question that it cannot answer yet
 * is asked, and the evaluation is run again when the answer is there.  So nothing
 * waits in a stack frame, and any number of messages can be in flight. */
#ifndef MM_VERDICT_ANSWERS_H
#define MM_VERDICT_ANSWERS_H

#include <stdint.h>

#include "dns.h"

#define ANSWERS_MAX 250 /* questions a message; further ones fail temporarily */

struct answer {
	enum dns_status status;
	bool secure;
	size_t n;
	struct str *rdata;
	const char *why; /* of dns.h; a literal */
};

struct answers;

/* Called after each answer, from the event loop. */
typedef void answers_changed(void *arg);

/* Questions are asked until `budget_ms` from now; those open then, and later
 * ones, fail temporarily, as does one that is open for five seconds. */
struct answers *answers_new(
	struct dns *dns, int64_t budget_ms, answers_changed *changed, void *arg);
void answers_free(struct answers *a); /* outstanding questions are cancelled */

/* The answer, valid until answers_free(); NULL while it is not known. */
const struct answer *answers_get(struct answers *a, const char *name, enum dns_type type);

/* Does the message wait for an answer? */
bool answers_pending(const struct answers *a);

#endif
