/* A path that is taken is taken again when it is written canonically; what a
 * list gives lies within bounds. */
#include <stdint.h>
#include <stdlib.h>

#include "address.h"
#include "buf.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
look(void *arg, struct str spec)
{
	struct path p;
	size_t *limit = arg;
	if (spec.n == 0 || spec.n > *limit)
		abort();
	if (address_parse(spec, &p) == 0 && (p.local.n == 0 || p.domain.n == 0))
		abort();
	return spec.p[0] != 's';
}

static void
try_path(struct str text)
{
	struct path p, again;
	if (path_parse(text, &p) < 0)
		return;
	if (p.address.n > ADDRESS_MAX || !utf8_valid(p.address) ||
		memchr(p.address.p, '\n', p.address.n) ||
		memchr(p.address.p, '\0', p.address.n))
		abort();
	struct buf b = {0};
	buf_addf(&b, "<%.*s>", STR_ARG(p.address));
	if (path_parse(buf_str(&b), &again) < 0 || !str_eq(again.address, p.address) ||
		!str_eq(again.domain, p.domain) || again.params.n)
		abort();
	buf_release(&b);
	path_param(&p, "SIZE");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	struct path p;
	if (size == 0)
		return 0;
	try_path(text);
	(void)address_parse(text, &p);
	(void)domain_valid(text);
	address_list_each(text, look, &size);
	return 0;
}
