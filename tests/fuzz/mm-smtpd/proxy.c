/* A proxy's header: however it is cut, the answer is the same, and it is never read
 * past its end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proxy.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct peer whole = {0};
	size_t used = 0;
	enum proxy_result result = proxy_parse(str_n((const char *)data, size), &whole, &used);
	if (result == PROXY_DONE && (used > size || used > PROXY_MAX))
		abort();
	for (size_t n = 0; result == PROXY_DONE && n <= used; n++) {
		struct peer part = {0};
		size_t part_used = 0;
		char *copy = malloc(n + 1);
		if (!copy)
			return 0;
		memcpy(copy, data, n);
		enum proxy_result got = proxy_parse(str_n(copy, n), &part, &part_used);
		if (got != (n < used ? PROXY_MORE : PROXY_DONE))
			abort();
		if (n == used && memcmp(&part, &whole, sizeof(part)) != 0)
			abort();
		free(copy);
	}
	return 0;
}
