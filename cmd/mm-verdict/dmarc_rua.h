/* dmarc_rua.h: where aggregate reports are asked to be sent (rua= of a DMARC record),
 * and whether those who are named there want them (RFC 9990, "Verifying External
 * Destinations"). */
#ifndef MM_VERDICT_DMARC_RUA_H
#define MM_VERDICT_DMARC_RUA_H

#include "answers.h"
#include "result.h"
#include "str.h"

#define DMARC_RUA_MAX 10 /* addresses that are looked at */

struct dmarc_rua {
	size_t n;
	struct {
		char *address;  /* local@domain, ASCII */
		char *host;     /* its domain, lower case */
		uint64_t limit; /* octets that a report may have, encoded; 0: no limit */
	} list[DMARC_RUA_MAX];
};

/* The mailto: URIs of a rua= value; others, and what is none, are passed over.  A size
 * behind "!" is that of RFC 7489 section 6.2: "!10m". */
void dmarc_rua_parse(struct dmarc_rua *r, struct str value);
void dmarc_rua_release(struct dmarc_rua *r);

/* Those of `asked`, in the record at `domain`, that may be sent reports.  STEP_WAIT:
 * to be called again once more answers are there; *out is then empty. */
enum step dmarc_rua_verify(const struct dmarc_rua *asked, const char *domain, bool psl,
	struct answers *answers, struct dmarc_rua *out);

#endif
