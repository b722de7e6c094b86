#include <stdlib.h>

#include "mem.h"
#include "routing.h"

struct routing {
	const struct routing_settings *settings;
	resolved *done;
	void *arg;
	struct resolution *resolution;
	struct peer_policy *policy;
	bool starting, over;
};

static void
on_resolved(void *arg, struct hosts *hosts, enum status status, const char *reply)
{
	struct routing *r = arg;
	r->resolution = NULL;
	for (size_t i = 0; i < hosts->n; i++)
		hosts->list[i].policy = peer_policy_ref(r->policy);
	r->done(r->arg, hosts, status, reply);
	r->over = true;
	if (!r->starting)
		free(r);
}

struct routing *
routing_start(const struct routing_settings *s, const char *domain, resolved *done, void *arg)
{
	struct routing *r = xcalloc(1, sizeof(*r));
	int port = s->route->port;
	struct peer_policy *listed = s->route->kind == ROUTE_MX && s->table
					     ? tls_table_find(s->table, domain, &port)
					     : NULL;
	*r = (struct routing){.settings = s, .done = done, .arg = arg, .starting = true};
	r->policy = listed ? listed : s->route->peer;
	r->resolution = resolve_start(s->dns, s->route, port, domain, on_resolved, r);
	r->starting = false;
	if (!r->over)
		return r;
	free(r);
	return NULL;
}

void
routing_cancel(struct routing *r)
{
	if (!r)
		return;
	resolve_cancel(r->resolution);
	free(r);
}
