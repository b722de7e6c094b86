/* Whatever a client of the policy delegation protocol sends, and in whatever
 * pieces, each request gives the same envelope, one that is a well-formed record. */
#include <stdint.h>
#include <stdlib.h>

#include "delegation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_field(struct str value)
{
	if (value.n > RECORD_MAX_LINE)
		abort();
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f)
			abort();
}

/* Appends what the requests in input came to, fed `piece` octets at a time. */
static void
run(struct str input, size_t piece, struct buf *out)
{
	struct delegation d = {0};
	enum delegation_state state = DELEGATION_MORE;
	while (input.n && state != DELEGATION_BROKEN) {
		struct str some = str_n(input.p, input.n < piece ? input.n : piece);
		size_t before = some.n;
		state = delegation_feed(&d, &some);
		input = str_skip(input, before - some.n);
		if (state == DELEGATION_MORE && some.n)
			abort();
		if (state != DELEGATION_WHOLE)
			continue;
		struct record *r = delegation_take(&d);
		if (delegation_begun(&d) || !record_has(r, "mail-from"))
			abort();
		for (size_t i = 0; i < r->nfields; i++)
			check_field(record_value_at(r, i));
		buf_adds(out, buf_str(&r->head));
		buf_addc(out, '\n');
		record_free(r);
	}
	if ((state == DELEGATION_BROKEN) != (d.error != NULL))
		abort();
	buf_addstr(out, d.error ? d.error : "fine");
	delegation_release(&d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = str_n((const char *)data, size);
	struct buf whole = {0}, pieces = {0};
	run(input, size + 1, &whole);
	run(input, size % 7 + 1, &pieces);
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		abort();
	buf_release(&whole);
	buf_release(&pieces);
	return 0;
}
