/* Any policy and any record: what is read keeps its limits, and what is refused leaves
 * nothing behind. */
#include <stdint.h>
#include <stdlib.h>

#include "mta_sts_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	struct sts_policy p;
	char id[STS_ID_SIZE];
	const char *wrong = sts_policy_read(&p, text);
	if (wrong ? p.n > 0 : p.mode != STS_NONE && p.n == 0)
		abort();
	if (p.max_age_s > STS_MAX_AGE_S || p.n > STS_MAX_PATTERNS)
		abort();
	for (size_t i = 0; i < p.n; i++)
		if (p.patterns[i][0] != '*' && !sts_policy_allows(&p, p.patterns[i]))
			abort();
	(void)sts_policy_allows(&p, "mx.example.org");
	sts_policy_release(&p);
	if (sts_record_is(text) && sts_record_id(text, id) == 0 && strlen(id) == 0)
		abort();
	return 0;
}
