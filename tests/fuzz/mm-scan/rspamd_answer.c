/* What rspamd answers: the symbols are in order and no more than their limit. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "rspamd_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rspamd_answer a;
	const char *why;
	if (rspamd_answer_parse(&a, str_n((const char *)data, size), &why) < 0)
		return 0;
	if (a.nsymbols > RSPAMD_MAX_SYMBOLS || !isfinite(a.score))
		abort();
	for (size_t i = 1; i < a.nsymbols; i++)
		if (fabs(a.symbols[i - 1].score) < fabs(a.symbols[i].score))
			abort();
	(void)rspamd_verdict(a.action);
	rspamd_answer_release(&a);
	return 0;
}
