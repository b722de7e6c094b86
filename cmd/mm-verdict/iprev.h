/* iprev.h: does the client's address have a name that leads back to it (RFC 8601
 * section 3)? */
#ifndef MM_VERDICT_IPREV_H
#define MM_VERDICT_IPREV_H

#include "answers.h"
#include "result.h"

struct iprev_outcome {
	enum auth_result result;
	char name[DNS_NAME_SIZE]; /* the name that led back, or the first; may be empty */
};

enum step iprev_step(const struct ip *ip, struct answers *answers, struct iprev_outcome *out);

#endif
