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
	ev_timer_stop(p->loop, &d->limiter.timer);
	routing_cancel(d->routing);
	if (d->token.waiting)
		token_source_cancel(p->options->tokens, &d->token);
	DL_FOREACH_SAFE(d->connections, c, tmp)
	{
		DL_DELETE(d->connections, c);
		connection_free(c);
	}
	hosts_release(&d->hosts);
	destination_forget_failure(d);
	free(d->key);
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

static void
limiter_init(struct limiter *l, const struct pool *p,
	void (*on_timer)(struct ev_loop *loop, struct ev_timer *w, int events), void *data)
{
	l->pace.gap_us = p->options->gap_us;
	ev_timer_init(&l->timer, on_timer, 0., 0.);
	l->timer.data = data;
}

static void
on_turn(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop, (void)events;
	destination_serve(w->data);
}

static void
on_token(void *arg)
{
	destination_serve(arg);
}

static int
by_age(struct destination *a, struct destination *b)
{
	if (!a->queue || !b->queue)
		return (b->queue != NULL) - (a->queue != NULL);
	return (a->queue->number > b->queue->number) - (a->queue->number < b->queue->number);
}

/* Who has waited longest goes first. */
static void
on_turn_of_all(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct pool *p = w->data;
	struct destination *d, *tmp;
	(void)loop, (void)events;
	HASH_SORT(p->destinations, by_age);
	HASH_ITER (hh, p->destinations, d, tmp)
		destination_serve(d);
}

struct destination *
pool_destination(struct pool *p, const char *domain, size_t first)
{
	struct destination *d;
	char *key = *domain ? xstrdup(domain) : xasprintf("#%zu", first);
	HASH_FIND_STR(p->destinations, key, d);
	if (d) {
		free(key);
		return d;
	}
	sweep(p);
	d = xcalloc(1, sizeof(*d));
	d->pool = p;
	d->key = key;
	d->domain = *domain ? key : "";
	d->first = first;
	d->token = (struct token_wait){.over = on_token, .arg = d};
	limiter_init(&d->limiter, p, on_turn, d);
	HASH_ADD_KEYPTR(hh, p->destinations, d->key, strlen(d->key), d);
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
	limiter_init(&p->limiter, p, on_turn_of_all, p);
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
	ev_timer_stop(p->loop, &p->limiter.timer);
	dead_servers_release(&p->dead);
	SSL_CTX_free(p->tls);
	free(p);
}
