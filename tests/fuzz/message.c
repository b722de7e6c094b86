/* The index of a header covers it: fields in order, none beyond its end, header
 * and body apart. */
#include <stdint.h>
#include <stdlib.h>

#include "clock.h"
#include "message.h"
#include "reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(struct str part, struct str whole)
{
	if (part.p < whole.p || part.p + part.n > whole.p + whole.n)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str octets = str_n((const char *)data, size);
	struct message m = {0};
	if (size == 0)
		return 0;
	message_parse(&m, octets);
	const char *at = octets.p;
	inside(m.header, octets);
	for (size_t i = 0; i < m.nfields; i++) {
		const struct header_field *f = &m.fields[i];
		inside(f->whole, m.header);
		inside(f->name, f->whole);
		inside(f->value, f->whole);
		if (f->name.n == 0 || f->whole.p < at)
			abort();
		at = f->whole.p + f->whole.n;
		char *text = header_unfold(f->value);
		if (strpbrk(text, "\r\n") || strlen(text) > f->value.n)
			abort();
		free(text);
	}
	if (m.body.p) {
		inside(m.body, octets);
		if (m.body.p < m.header.p + m.header.n ||
			m.body.p + m.body.n != octets.p + octets.n)
			abort();
	}
	message_release(&m);
	struct reply r;
	int64_t ms;
	(void)reply_parse(octets, &r);
	(void)clock_parse_rfc3339(octets, &ms);
	return 0;
}
