#include <stdlib.h>
#include <utlist.h>

#include "clock.h"
#include "courier_source.h"
#include "exchangers.h"
#include "log.h"
#include "mem.h"

#define LOOK_EVERY_MS 1000

/* A courier with what it works by. */
struct office {
	struct courier courier;
	struct route route;
	struct routing_settings routing;
	struct pool_options options;
	struct office *next;
};

struct courier_source {
	struct courier_settings *settings;
	struct office *current, *retired;
	struct watch files;
	int64_t looked_ms;
};

static void
office_free(struct office *o)
{
	if (o->courier.pool)
		pool_free(o->courier.pool);
	if (o->courier.maildirs)
		maildir_batch_free(o->courier.maildirs);
	token_source_unref(o->options.tokens);
	route_release(&o->route);
	free(o);
}

/* As the command line has it by default, and what the route says. */
static struct pool_options
options_of(const struct pool_options *given, const struct route_limits *l)
{
	struct pool_options o = *given;
	if (l->connect_ms)
		o.connection.connect_ms = l->connect_ms;
	if (l->reply_ms)
		o.connection.reply_ms = l->reply_ms;
	if (l->max_connections)
		o.max_connections = l->max_connections;
	o.gap_us = l->gap_us;
	return o;
}

/* Where the route may use access tokens, and has what gets them.  0, or -1 after the reason
 * was logged. */
static int
open_tokens(struct office *o, const struct courier_settings *settings)
{
	const struct route *r = &o->route;
	unsigned mechanisms = r->smtp.mechanisms;
	if (!r->grant.endpoint || (mechanisms && !(mechanisms & AUTH_BY_TOKEN)))
		return 0;
	o->options.tokens = token_source_of(settings->tokens, o->routing.dns, &r->grant);
	return o->options.tokens ? 0 : -1;
}

/* Takes the route over. */
static struct office *
office_new(const struct courier_settings *settings, struct route *route)
{
	struct office *o = xcalloc(1, sizeof(*o));
	o->route = *route;
	*route = (struct route){0};
	o->routing = settings->routing;
	o->routing.route = &o->route;
	o->courier = settings->courier;
	o->courier.route = &o->route;
	o->options = options_of(&settings->options->pool, &o->route.limits);
	if (o->route.kind == ROUTE_MAILDIR)
		o->courier.maildirs = maildir_batch_new();
	else if (open_tokens(o, settings) == 0)
		o->courier.pool =
			pool_new(settings->loop, &o->routing, &o->options, &delivery_events);
	if (o->courier.pool || o->courier.maildirs)
		return o;
	office_free(o);
	return NULL;
}

struct courier_source *
courier_source_new(struct courier_settings *settings, struct route *route)
{
	struct courier_source *s = xcalloc(1, sizeof(*s));
	s->settings = settings;
	s->looked_ms = clock_mono_ms();
	watch_take(&s->files, &route->files);
	s->current = office_new(settings, route);
	if (s->current)
		return s;
	courier_source_free(s);
	return NULL;
}

bool
courier_needs_dns(const struct route *route)
{
	const char *endpoint = route->grant.host;
	return !resolve_is_literal(route) || (endpoint && !exchanger_is_literal(endpoint));
}

/* Rights that were given up do not come back. */
static bool
same_kind(const struct courier_source *s, const struct route *fresh)
{
	const struct route *old = &s->current->route;
	if (fresh->kind == old->kind)
		return true;
	log_error("%s: from a socket, a host or a maildir to another of them takes a restart",
		old->name);
	return false;
}

static bool
has_dns(struct courier_source *s, const struct route *fresh)
{
	struct routing_settings *r = &s->settings->routing;
	if (!r->dns && courier_needs_dns(fresh))
		r->dns = dns_new(s->settings->loop);
	return r->dns || !courier_needs_dns(fresh);
}

void
courier_source_commit(struct courier_source *s)
{
	if (s->current->courier.maildirs)
		maildir_commit(s->current->courier.maildirs);
}

static void
replace(struct courier_source *s, struct office *fresh)
{
	courier_source_commit(s);
	LL_PREPEND(s->retired, s->current);
	s->current = fresh;
}

static void
reload(struct courier_source *s)
{
	struct route route;
	struct office *fresh = NULL;
	int rc = route_open(&route, &s->settings->options->route);
	watch_take(&s->files, &route.files);
	if (rc == 0 && same_kind(s, &route) && has_dns(s, &route))
		fresh = office_new(s->settings, &route);
	route_release(&route);
	if (fresh) {
		replace(s, fresh);
		log_info("%s read again", fresh->route.name);
	} else {
		log_error("%s: the changed files are of no use, mail goes as before",
			s->current->route.name);
	}
}

static void
free_retired(struct courier_source *s, bool all)
{
	struct office *o, *tmp;
	LL_FOREACH_SAFE(s->retired, o, tmp)
	{
		if (!all && o->courier.in_flight)
			continue;
		LL_DELETE(s->retired, o);
		office_free(o);
	}
}

struct courier *
courier_source_current(struct courier_source *s)
{
	int64_t now = clock_mono_ms();
	if (now - s->looked_ms >= LOOK_EVERY_MS) {
		s->looked_ms = now;
		free_retired(s, false);
		if (watch_changed(&s->files))
			reload(s);
	}
	return &s->current->courier;
}

void
courier_source_free(struct courier_source *s)
{
	if (!s)
		return;
	free_retired(s, true);
	if (s->current)
		office_free(s->current);
	watch_release(&s->files);
	free(s);
}
