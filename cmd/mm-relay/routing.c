#include <stdlib.h>

#include "dane.h"
#include "log.h"
#include "mem.h"
#include "routing.h"

/* One server of the destination: hosts of the same name. */
struct server {
	struct routing *owner;
	const struct host *host; /* its first */
	struct dane *dane;       /* under way */
	struct peer_policy *policy;
	char *unusable; /* why not; NULL: usable */
	bool outside;   /* the MTA-STS policy does not name it */
};

struct routing {
	const struct routing_settings *settings;
	char *domain;
	int port;
	resolved *done;
	void *arg;
	struct resolution *resolution;
	struct peer_policy *policy; /* of servers that have none of their own */
	bool listed;                /* it is the table's, and the last word */
	struct hosts hosts;
	struct server servers[RESOLVE_MAX_HOSTS];
	size_t n;
	size_t outstanding;
	struct sts_lookup *sts; /* under way */
	enum sts_mode sts_mode;
	json_t *sts_report; /* the policy, NULL: there is none */
	bool starting, over;
};

static void
free_routing(struct routing *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->servers[i].dane)
			dane_cancel(r->servers[i].dane);
		peer_policy_unref(r->servers[i].policy);
		free(r->servers[i].unusable);
	}
	if (r->sts)
		mta_sts_cancel(r->sts);
	json_decref(r->sts_report);
	hosts_release(&r->hosts);
	resolve_cancel(r->resolution);
	free(r->domain);
	free(r);
}

static void
give(struct routing *r, struct hosts *hosts, enum status status, const char *reply)
{
	r->done(r->arg, hosts, status, reply);
	r->over = true;
	if (!r->starting)
		free_routing(r);
}

static void
log_unusable(const struct routing *r, const struct server *s)
{
	struct logline l;
	log_begin(&l, LOG_WARN, "host left out");
	if (*r->domain)
		log_cstr(&l, "domain", r->domain);
	log_cstr(&l, "host", s->host->name);
	log_cstr(&l, "reason", s->unusable);
	log_end(&l);
}

static void
note(const struct routing *r, json_t *policy, const char *mx, const char *problem,
	const char *why)
{
	struct tls_session session = {.domain = r->domain,
		.policy = policy,
		.problem = problem,
		.mx = mx,
		.detail = str_of(why)};
	if (r->settings->rpt && r->settings->route->kind == ROUTE_MX)
		tls_rpt_note(r->settings->rpt, &session);
}

/* RFC 8461 sections 2 and 5: what DANE says of a server stands. */
static void
apply_sts(const struct routing *r, struct server *s)
{
	bool enforce = r->sts_mode == STS_ENFORCE;
	if (!r->sts_report || s->policy || s->unusable)
		return;
	if (s->outside) {
		char *why = xasprintf(
			"%s is not in the MTA-STS policy of %s", s->host->name, r->domain);
		note(r, r->sts_report, s->host->name, "validation-failure", why);
		if (enforce)
			s->unusable = why;
		else
			free(why);
		return;
	}
	s->policy = peer_policy_new(enforce ? SMTP_TLS_VERIFY : r->policy->level);
	s->policy->source = enforce ? "mta-sts" : NULL;
	s->policy->vouched = enforce;
	s->policy->observe = !enforce;
	s->policy->report = json_incref(r->sts_report);
}

static const struct server *
server_of(const struct routing *r, const struct host *h)
{
	size_t i = 0;
	while (!host_same_server(r->servers[i].host, h))
		i++;
	return &r->servers[i];
}

/* Gives the hosts that can be used, each with its policy. */
static void
conclude(struct routing *r)
{
	struct hosts usable = {.implicit = r->hosts.implicit};
	const char *why = NULL;
	usable.list = xcalloc(r->hosts.n, sizeof(*usable.list));
	for (size_t i = 0; i < r->n; i++)
		apply_sts(r, &r->servers[i]);
	for (size_t i = 0; i < r->n; i++)
		if (r->servers[i].unusable) {
			log_unusable(r, &r->servers[i]);
			why = why ? why : r->servers[i].unusable;
		}
	for (size_t i = 0; i < r->hosts.n; i++) {
		const struct server *s = server_of(r, &r->hosts.list[i]);
		if (s->unusable)
			continue;
		struct host *h = &usable.list[usable.n++];
		*h = r->hosts.list[i];
		h->policy = peer_policy_ref(s->policy ? s->policy : r->policy);
	}
	if (usable.n > 0) {
		give(r, &usable, STATUS_OK, "");
		return;
	}
	hosts_release(&usable);
	char *reply = xasprintf("451 4.7.5 %s", why);
	give(r, &usable, STATUS_TEMPFAIL, reply);
	free(reply);
}

static void
settle(struct routing *r)
{
	if (--r->outstanding == 0)
		conclude(r);
}

static void
on_dane(void *arg, struct peer_policy *policy, const char *why)
{
	struct server *s = arg;
	s->dane = NULL;
	s->policy = policy;
	s->unusable = why ? xstrdup(why) : NULL;
	if (why)
		note(s->owner, NULL, s->host->name, "dnssec-invalid", why);
	settle(s->owner);
}

static void
on_sts(void *arg, const struct sts_policy *policy, const char *problem, const char *why)
{
	struct routing *r = arg;
	r->sts = NULL;
	if (problem)
		note(r, NULL, NULL, problem, why);
	if (policy && policy->mode != STS_NONE) {
		r->sts_mode = policy->mode;
		r->sts_report = sts_policy_report(policy, r->domain);
		for (size_t i = 0; i < r->n; i++)
			r->servers[i].outside =
				!sts_policy_allows(policy, r->servers[i].host->name);
	}
	settle(r);
}

static void
find_servers(struct routing *r)
{
	for (size_t i = 0; i < r->hosts.n; i++) {
		const struct host *h = &r->hosts.list[i];
		size_t k = 0;
		while (k < r->n && !host_same_server(r->servers[k].host, h))
			k++;
		if (k == r->n)
			r->servers[r->n++] = (struct server){.owner = r, .host = h};
	}
}

/* Where the site does not say what is to be, the server may. */
static bool
may_raise(const struct routing *r)
{
	return !r->listed && r->settings->dns && !r->settings->route->smtp.lmtp &&
	       (r->policy->level == SMTP_TLS_MAY || r->policy->level == SMTP_TLS_ENCRYPT);
}

static void
ask_dane(struct routing *r)
{
	for (size_t i = 0; i < r->n && !r->settings->no_dane; i++) {
		struct server *s = &r->servers[i];
		const char *canonical = *s->host->canonical ? s->host->canonical : NULL;
		if (!s->host->secure)
			continue;
		r->outstanding++;
		s->dane = dane_start(r->settings->dns, s->host->name, canonical,
			host_port(s->host), *r->domain ? r->domain : s->host->name, on_dane, s);
	}
}

static void
ask_sts(struct routing *r)
{
	const struct routing_settings *s = r->settings;
	if (s->route->kind != ROUTE_MX || !s->mta_sts || r->domain[0] == '[')
		return;
	r->outstanding++;
	r->sts = mta_sts_ask(s->mta_sts, r->domain, on_sts, r);
}

static void
on_resolved(void *arg, struct hosts *hosts, enum status status, const char *reply)
{
	struct routing *r = arg;
	r->resolution = NULL;
	if (hosts->n == 0) {
		give(r, hosts, status, reply);
		return;
	}
	r->hosts = *hosts;
	r->outstanding = 1;
	find_servers(r);
	if (may_raise(r)) {
		ask_dane(r);
		ask_sts(r);
	}
	settle(r);
}

struct routing *
routing_start(const struct routing_settings *s, const char *domain, size_t first,
	resolved *done, void *arg)
{
	struct routing *r = xcalloc(1, sizeof(*r));
	const struct route *route = s->route;
	struct peer_policy *listed = NULL;
	int port = route->port;
	if (route->kind == ROUTE_MX && s->table)
		listed = tls_table_find(s->table, domain, &port);
	r->settings = s;
	r->domain = xstrdup(domain);
	r->done = done;
	r->arg = arg;
	r->starting = true;
	r->listed = listed != NULL;
	r->policy = listed ? listed : route->peer;
	r->resolution = resolve_start(s->dns, route, port, domain, first, on_resolved, r);
	r->starting = false;
	if (!r->over)
		return r;
	free_routing(r);
	return NULL;
}

void
routing_cancel(struct routing *r)
{
	if (r)
		free_routing(r);
}
