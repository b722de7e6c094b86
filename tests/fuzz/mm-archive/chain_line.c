/* A line that is taken is written again as it was read, or is not ours; whatever else
 * it holds is refused, not followed.  The hash is made right, so that what is before
 * it is read. */
#include <stdint.h>
#include <stdlib.h>

#include "chain_line.h"
#include "chain_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str octets = str_n((const char *)data, size);
	struct hash_text h = hash_text_of(octets);
	struct buf text = {0}, again = {0};
	struct chain_state s;
	struct chain_line l, back;
	const char *why;
	chain_state_init(&s);
	buf_adds(&text, octets);
	buf_addf(&text, ",\"Hash\":\"%s\"}", h.s);
	if (chain_line_parse(&l, buf_str(&text), &why) == 0) {
		(void)chain_state_take(&s, &l, &why);
		(void)chain_state_take(&s, &l, &why);
		chain_line_write(&l, &again);
		if (chain_line_parse(&back, str_n(again.p, again.n - 1), &why) < 0)
			abort();
		chain_line_release(&back);
	}
	chain_line_release(&l);
	chain_state_release(&s);
	buf_release(&text);
	buf_release(&again);
	return 0;
}
