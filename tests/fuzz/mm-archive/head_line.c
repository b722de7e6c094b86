/* A line that is taken, written again, is taken as the same. */
#include <stdint.h>
#include <stdlib.h>

#include "head_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_again(const struct head_line *l, struct buf *out)
{
	struct chain_head h = {.line = l->n + 1,
		.time = l->ms,
		.archive = str_dup(l->archive),
		.key = str_dup(l->key),
		.signature = str_dup(l->signature),
		.previous = l->hash};
	head_line_write(out, &h);
	free(h.archive);
	free(h.key);
	free(h.signature);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct head_line l, back;
	struct buf again = {0}, third = {0};
	const char *why;
	if (head_line_parse(&l, str_n((const char *)data, size), &why) == 0) {
		write_again(&l, &again);
		if (head_line_parse(&back, buf_str(&again), &why) < 0)
			abort();
		write_again(&back, &third);
		if (!str_eq(buf_str(&again), buf_str(&third)))
			abort();
	} else if (!why) {
		abort();
	}
	buf_release(&again);
	buf_release(&third);
	return 0;
}
