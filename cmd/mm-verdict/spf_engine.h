/* spf_engine.h: what evaluates SPF (RFC 7208 check_host()). */
#ifndef MM_VERDICT_SPF_ENGINE_H
#define MM_VERDICT_SPF_ENGINE_H

#include "answers.h"
#include "result.h"

#define SPF_MAX_LOOKUPS 10 /* terms that ask the DNS, a check (section 4.6.4) */
#define SPF_MAX_VOID 2     /* of them, how many may come back empty */
#define SPF_MAX_HOSTS 10   /* hosts of one mx or ptr */

struct spf_query {
	struct ip ip;
	const char *sender; /* local@domain; postmaster@HELO for the null path */
	const char *domain; /* of the sender */
	const char *helo;
	const char *receiver; /* our own host name */
};

struct spf_outcome {
	enum auth_result result;
	char reason[512];      /* for people: which term of which record decided, or what is
				  wrong; empty if there is nothing to say */
	char explanation[256]; /* what the domain says to those whom it fails: printable
				  ASCII; empty if it says nothing */
	int lookups;
};

struct spf_check;

struct spf_engine {
	const char *name;

	/* Both must outlive the check. */
	struct spf_check *(*start)(const struct spf_query *query, struct answers *answers);

	/* To be called again after an answer has come, until it says STEP_DONE. */
	enum step (*step)(struct spf_check *check, struct spf_outcome *out);

	void (*end)(struct spf_check *check);
};

extern const struct spf_engine spf_native, spf_libspf2;

#endif
