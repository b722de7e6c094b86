/* Any answer of a token endpoint: what is taken of it keeps its limits, and an error is
 * printable. */
#include <stdint.h>
#include <stdlib.h>

#include "sasl.h"
#include "token_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first octet is the status. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct token_answer a;
	if (size == 0)
		return 0;
	struct str body = str_n((const char *)data + 1, size - 1);
	int rc = token_answer_read(&a, data[0] == '2' ? 200 : 200 + data[0], body);
	if (rc == 0) {
		if (!sasl_token_fine(str_of(a.access_token)) || a.lifetime_s < 1 ||
			a.lifetime_s > TOKEN_LIFETIME_MAX)
			abort();
	} else {
		char text[TOKEN_ERROR_MAX + 1];
		if (a.access_token || a.refresh_token || !a.error || !*a.error)
			abort();
		token_error_text(text, a.error);
		for (size_t i = 0; text[i]; i++)
			if (text[i] < ' ' || text[i] > '~')
				abort();
	}
	token_answer_release(&a);
	return 0;
}
