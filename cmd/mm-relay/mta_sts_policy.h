/* mta_sts_policy.h: the two texts of MTA-STS (RFC 8461), read: a domain's TXT record
 * and its policy. */
#ifndef MM_MTA_STS_POLICY_H
#define MM_MTA_STS_POLICY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "str.h"

#define STS_ID_SIZE 33          /* with NUL */
#define STS_MAX_POLICY 65536    /* octets: RFC 8461 section 3.3 */
#define STS_MAX_PATTERNS 64     /* what is beyond makes the policy unusable */
#define STS_MAX_AGE_S 31557600u /* RFC 8461 section 3.2 */

enum sts_mode { STS_NONE, STS_TESTING, STS_ENFORCE };

struct sts_policy {
	enum sts_mode mode;
	uint32_t max_age_s;
	char *patterns[STS_MAX_PATTERNS]; /* owned: "mx.example.org", "*.example.org" */
	size_t n;
};

/* Reads a policy.  NULL, or what is wrong with it; *p is then empty. */
const char *sts_policy_read(struct sts_policy *p, struct str text);
void sts_policy_release(struct sts_policy *p);

/* May mail go to this exchanger? */
bool sts_policy_allows(const struct sts_policy *p, const char *host);

/* The policy as a report of RFC 8460 has it, the caller's. */
json_t *sts_policy_report(const struct sts_policy *p, const char *domain);

/* Is this TXT record one of MTA-STS? */
bool sts_record_is(struct str txt);

/* Its id.  0, or -1 when it has none. */
int sts_record_id(struct str txt, char id[STS_ID_SIZE]);

#endif
