/* Links in text and HTML: hosts are short, and bounded by what was given. */
#include <stdint.h>
#include <stdlib.h>

#include "domains.h"
#include "links.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_host(void *arg, struct str host)
{
	struct domains *d = arg;
	if (host.n == 0 || host.n > 1000)
		abort();
	domains_add(d, host, "body");
	if (d->n > DOMAINS_MAX)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct domains d = {.n = 0};
	struct str text = str_n((const char *)data, size);
	links_in_text(text, on_host, &d);
	links_in_html(text, on_host, &d);
	domains_release(&d);
	return 0;
}
