/* What -l says: either understood, and then whole, or refused with a reason. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "listen_spec.h"
#include "str.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = str_dup(str_n((const char *)data, size));
	struct listen_spec s = {.fd = -2};
	const char *expected = listen_spec_parse(&s, text);
	if (expected ? s.fd != -2 || !*expected : s.fd == -2)
		abort();
	if (!expected && (s.where < text || s.where > text + strlen(text)))
		abort();
	if (!expected && (s.kind == LISTEN_FD) != (s.fd >= 0))
		abort();
	free(text);
	return 0;
}
