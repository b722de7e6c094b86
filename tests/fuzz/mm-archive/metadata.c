/* Whatever metadata says, it gives fields of one line each, or problems. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems ps = {0};
	struct record *r = record_new();
	int64_t received = -1;
	int rc = metadata_read(r, &received, INT64_C(1800000000000), "fuzz",
		str_n((const char *)data, size), &ps);
	if ((rc == 0) != (ps.errors == 0) || received > INT64_C(1800000000000))
		abort();
	for (size_t i = 0; i < r->nfields; i++) {
		struct str line = record_line_at(r, i);
		if (memchr(line.p, '\n', line.n))
			abort();
	}
	problems_release(&ps);
	record_free(r);
	return 0;
}
