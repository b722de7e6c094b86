#include <stdlib.h>

#include "exchangers.h"
#include "mem.h"
#include "web_host.h"

struct web_host {
	struct exchangers servers; /* one */
	web_host_found *found;
	void *arg;
};

void
web_host_cancel(struct web_host *w)
{
	exchangers_cancel(&w->servers);
	free(w);
}

static void
add_addresses(struct buf *out, const struct exchanger *x)
{
	char text[IP_TEXT_SIZE];
	size_t n = 0;
	for (int family = 0; family < 2; family++)
		for (size_t i = 0; i < x->n[family]; i++)
			buf_addf(
				out, "%s%s", n++ ? "," : "", ip_text(&x->ips[family][i], text));
}

static void
on_asked(void *arg)
{
	struct web_host *w = arg;
	const struct exchanger *x = &w->servers.list[0];
	struct buf resolve = {0};
	buf_addf(&resolve, "%s:%d:", x->name, x->port);
	add_addresses(&resolve, x);
	if (x->n[0] + x->n[1] > 0)
		w->found(w->arg, buf_cstr(&resolve), NULL);
	else
		w->found(w->arg, NULL,
			w->servers.temporary ? w->servers.why : "neither A nor AAAA");
	buf_release(&resolve);
	free(w);
}

struct web_host *
web_host_ask(struct dns *dns, const char *host, int port, web_host_found *found, void *arg)
{
	struct web_host *w = xcalloc(1, sizeof(*w));
	w->found = found;
	w->arg = arg;
	(void)exchangers_add(&w->servers, host, 0, port);
	exchangers_ask(&w->servers, dns, on_asked, w);
	return w;
}
