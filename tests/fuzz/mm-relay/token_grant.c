/* Any secret: its token endpoint is one that secrets may be sent to, and a request can be
 * made of it. */
#include <stdint.h>
#include <stdlib.h>

#include "token_grant.h"
#include "token_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct token_grant *g)
{
	struct token_grant copy;
	struct buf request = {0};
	if (!str_istarts(str_of(g->endpoint), STR("http")) || !g->host || !*g->host ||
		g->port < 1 || g->port > 65535 || strchr(g->host, '@'))
		abort();
	if (token_request_make(&request, g, 1) < 0)
		abort();
	for (size_t i = 0; i < request.n; i++)
		if (request.p[i] <= ' ' || request.p[i] > '~')
			abort();
	token_grant_copy(&copy, g);
	if (!token_grant_equal(g, &copy))
		abort();
	token_grant_release(&copy);
	buf_release(&request);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems ps = {0};
	struct json_doc doc;
	struct token_grant g;
	if (json_doc_parse(&doc, "s", str_n((const char *)data, size), &ps) == 0) {
		if (token_grant_meant(doc.root) && token_grant_read(&g, &doc, &ps) == 0) {
			check(&g);
			token_grant_release(&g);
		}
		json_doc_release(&doc);
	}
	problems_release(&ps);
	return 0;
}
