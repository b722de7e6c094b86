/* Whatever a message is, its text is UTF-8 within bounds. */
#include <stdint.h>
#include <stdlib.h>

#include "mimetext.h"
#include "mimetext_header.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct buf *b, size_t max)
{
	if (b->n > max || !utf8_valid(buf_str(b)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mimetext text;
	mimetext_extract(&text, str_n((const char *)data, size), 4096);
	check(&text.body, 4097);
	check(&text.from, 8 * MIMETEXT_MAX_HEADER);
	check(&text.to, 8 * MIMETEXT_MAX_HEADER);
	check(&text.subject, 8 * MIMETEXT_MAX_HEADER);
	check(&text.message_id, 8000);
	check(&text.names, 8 * size + 1000);
	return 0;
}
