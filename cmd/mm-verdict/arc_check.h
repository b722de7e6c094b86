/* arc_check.h: validation of an ARC chain (RFC 8617 section 5.2). */
#ifndef MM_VERDICT_ARC_CHECK_H
#define MM_VERDICT_ARC_CHECK_H

#include <stdint.h>

#include "answers.h"
#include "arc_chain.h"
#include "result.h"

struct arc_check;

struct arc_outcome {
	enum auth_result result; /* NONE, PASS or FAIL */
	const char *domain;      /* of the newest seal, valid until arc_end(); or NULL */
	unsigned instance;
	char reason[192];
};

/* The message, whose line ends are CRLF, must outlive the check. */
struct arc_check *arc_start(const struct message *msg, struct answers *answers, int64_t now_s);
enum step arc_step(struct arc_check *c, struct arc_outcome *out);
void arc_end(struct arc_check *c);

/* For whoever adds to the chain. */
const struct arc_chain *arc_found(const struct arc_check *c);

/* Is the domain one of the list, which ends in a NULL (or is NULL)? */
bool arc_trusts(char *const *trusted, const char *domain);

/* Of a chain that passed: has one of its newest sealers, all of them trusted down to
 * that one, found DMARC to pass for this author domain? */
bool arc_vouched(const struct arc_check *c, char *const *trusted, const char *author);

#endif
