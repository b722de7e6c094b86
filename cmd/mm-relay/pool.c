#include <stdlib.h>
#include <utlist.h>

#include "log.h"
#include "mem.h"
#include "pool_impl.h"

#define IDLE_DESTINATIONS 1000

static void
free_destination(struct pool *p, struct destination *d)
{
	struct connection *c, *tmp;
	HASH_DEL(p->destinations, d);
	routing_cancel(d->routing);
	DL_FOREACH_SAFE(d->connections, c, tmp)
	{
		DL_DELETE(d->connections, c);
		connection_free(c);
	}
	hosts_release(&d->hosts);
	destination_forget_failure(d);
	free(d->domain);
	free(d);
}

static void
sweep(struct pool *p)
{
	struct destination *d, *tmp;
	if (HASH_COUNT(p->destinations) < IDLE_DESTINATIONS)
		return;
	HASH_ITER (hh, p->destinations, d, tmp)
		if (d->queued == 0 && !d->connections && !d->routing && !d->open)
			free_destination(p, d);
}

struct destination *
pool_destination(struct pool *p, const char *domain)
{
	struct destination *d;
	HASH_FIND_STR(p->destinations, domain, d);
	if (d)
		return d;
	sweep(p);
	d = xcalloc(1, sizeof(*d));
	d->pool = p;
	d->domain = xstrdup(domain);
	HASH_ADD_KEYPTR(hh, p->destinations, d->domain, strlen(d->domain), d);
	return d;
}

const char *
destination_domain(const struct destination *d)
{
	return d->domain;
}

struct transaction **
destination_open(struct destination *d)
{
	return &d->open;
}

static int
trust(SSL_CTX *tls, const char *ca_file)
{
	char why[256];
	if (SSL_CTX_load_verify_locations(tls, ca_file, NULL) == 1)
		return 0;
	log_error("cannot read the CA certificates in %s: %s", ca_file,
		tls_error(why, sizeof(why)));
	return -1;
}

struct pool *
pool_new(struct ev_loop *loop, const struct routing_settings *routing,
	const struct pool_options *options, const struct pool_events *events)
{
	struct pool *p = xcalloc(1, sizeof(*p));
	p->loop = loop;
	p->routing = *routing;
	p->route = routing->route;
	p->options = options;
	p->events = events;
	p->tls = tls_client_context();
	if (p->tls && SSL_CTX_dane_enable(p->tls) == 1 &&
		(!p->route->ca_file || trust(p->tls, p->route->ca_file) == 0))
		return p;
	SSL_CTX_free(p->tls);
	free(p);
	return NULL;
}

void
pool_free(struct pool *p)
{
	struct destination *d, *tmp;
	HASH_ITER (hh, p->destinations, d, tmp)
		free_destination(p, d);
	SSL_CTX_free(p->tls);
	free(p);
}
