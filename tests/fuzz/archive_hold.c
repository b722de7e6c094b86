/* Whatever a hold's document says: it is read as a hold that holds something, or there
 * is a problem to tell. */
#include <stdint.h>
#include <stdlib.h>

#include "archive_hold.h"
#include "archive_query.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct archive_hold h;
	struct problems ps = {0};
	int rc = archive_hold_parse(&h, "hold", str_n((const char *)data, size), &ps);
	if ((rc == 0) != (ps.errors == 0))
		abort();
	if (rc == 0 && ((!h.query && h.nids == 0) || !h.name || !h.reason || !h.by))
		abort();
	if (rc == 0 && h.query && query_find(h.query, QUERY_ARCHIVE))
		abort();
	archive_hold_release(&h);
	problems_release(&ps);
	return 0;
}
