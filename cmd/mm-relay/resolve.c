#include <stdlib.h>
#include <sys/un.h>

#include "exchangers.h"
#include "mem.h"
#include "own_address.h"
#include "resolve.h"

#define PORT_OF_SMTP 25
#define PORT_OF_SMTPS 465

struct resolution {
	struct dns *dns;
	const struct route *route;
	int port;
	char *domain; /* of ROUTE_MX */
	resolved *done;
	void *arg;
	struct dns_query *mx_query;
	struct exchangers exchangers;
	bool implicit;
	bool secure; /* the MX answer, if there was to be one */
	bool starting, over;
};

static void
give_literal(const char *name, const struct ip *ip, int port, resolved *done, void *arg)
{
	struct hosts hosts = {0};
	if (port == PORT_OF_SMTP && own_address(ip)) {
		done(arg, &hosts, STATUS_PERMFAIL,
			"554 5.4.6 the address of the recipient is this host's own");
		return;
	}
	hosts_add(&hosts, name, 0, ip, port);
	done(arg, &hosts, STATUS_OK, "");
}

static void
give_socket(const struct route *route, resolved *done, void *arg)
{
	struct hosts hosts = {0};
	struct host *h = xcalloc(1, sizeof(*h));
	struct sockaddr_un *un = (struct sockaddr_un *)&h->addr;
	un->sun_family = AF_UNIX;
	if (!str_copy(str_of(route->path), un->sun_path, sizeof(un->sun_path))) {
		free(h);
		done(arg, &hosts, STATUS_TEMPFAIL,
			"451 4.3.5 the path of the socket is too long");
		return;
	}
	h->addr_len = sizeof(*un);
	h->loopback = true;
	(void)str_copy(str_of(route->path), h->name, sizeof(h->name));
	(void)str_copy(STR("unix"), h->ip, sizeof(h->ip));
	hosts = (struct hosts){.list = h, .n = 1};
	done(arg, &hosts, STATUS_OK, "");
}

static void
free_resolution(struct resolution *r)
{
	free(r->domain);
	free(r);
}

static void
give(struct resolution *r, struct hosts *hosts, enum status status, const char *reply)
{
	r->done(r->arg, hosts, status, reply);
	r->over = true;
	if (!r->starting)
		free_resolution(r);
}

__attribute__((format(printf, 3, 4))) static void
give_failure(struct resolution *r, enum status status, const char *fmt, ...)
{
	struct hosts none = {0};
	struct buf reply = {0};
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&reply, fmt, ap);
	va_end(ap);
	give(r, &none, status, buf_cstr(&reply));
	buf_release(&reply);
}

static bool
bears_our_name(const struct exchanger *x, const void *arg)
{
	const struct resolution *r = arg;
	return str_ieq(str_of(x->name), str_of(r->route->smtp.hello));
}

/* At another port than that of SMTP something else than we may listen. */
static bool
has_our_address(const struct exchanger *x, const void *arg)
{
	const struct resolution *r = arg;
	for (int family = 0; family < 2 && r->port == PORT_OF_SMTP; family++)
		for (size_t i = 0; i < x->n[family]; i++)
			if (own_address(&x->ips[family][i]))
				return true;
	return false;
}

static void
give_loop(struct resolution *r)
{
	give_failure(r, STATUS_PERMFAIL,
		"554 5.4.6 the best mail exchanger of %s is this host itself", r->domain);
}

static void
give_no_address(struct resolution *r)
{
	const struct exchangers *xs = &r->exchangers;
	if (xs->temporary)
		give_failure(r, STATUS_TEMPFAIL, "451 4.4.3 DNS: %s", xs->why);
	else if (r->route->kind == ROUTE_HOST)
		give_failure(r, STATUS_TEMPFAIL, "451 4.4.4 the relay %s has no address",
			xs->n == 1 ? xs->list[0].name : r->route->name);
	else if (r->implicit)
		give_failure(r, STATUS_PERMFAIL,
			"550 5.1.2 the domain %s has neither MX nor address", r->domain);
	else
		give_failure(r, STATUS_PERMFAIL,
			"550 5.4.4 no mail exchanger of %s has an address", r->domain);
}

static void
give_hosts(void *arg)
{
	struct resolution *r = arg;
	struct hosts hosts = {.implicit = r->implicit};
	bool mx = r->route->kind == ROUTE_MX;
	if (mx && !exchangers_drop_own(&r->exchangers, has_our_address, r)) {
		give_loop(r);
		return;
	}
	exchangers_hosts(&r->exchangers, r->secure, &hosts);
	for (size_t i = 0; i < hosts.n && !mx; i++)
		hosts.list[i].tls_wrapped = host_port(&hosts.list[i]) == PORT_OF_SMTPS;
	if (hosts.n > 0)
		give(r, &hosts, STATUS_OK, "");
	else
		give_no_address(r);
}

static void
ask_exchangers(struct resolution *r)
{
	exchangers_sort(&r->exchangers);
	if (exchangers_drop_own(&r->exchangers, bears_our_name, r))
		exchangers_ask(&r->exchangers, r->dns, give_hosts, r);
	else
		give_loop(r);
}

static void
read_exchangers(struct resolution *r, const struct dns_answer *a)
{
	char name[DNS_NAME_SIZE];
	int preference;
	for (size_t i = 0; i < a->n && r->exchangers.n < MAX_EXCHANGERS; i++)
		if (dns_rdata_mx(a->rdata[i], &preference, name, sizeof(name)) == 0 && *name)
			exchangers_add(&r->exchangers, name, preference, r->port);
}

static void
on_mx(void *arg, const struct dns_answer *a)
{
	struct resolution *r = arg;
	r->mx_query = NULL;
	r->secure = a->secure;
	switch (a->status) {
	case DNS_FOUND:
		read_exchangers(r, a);
		if (r->exchangers.n > 0)
			ask_exchangers(r);
		else
			give_failure(r, STATUS_PERMFAIL,
				"556 5.1.10 the domain %s accepts no mail (null MX)",
				r->domain);
		break;
	case DNS_NODATA:
		r->implicit = true;
		exchangers_add(&r->exchangers, r->domain, 0, r->port);
		ask_exchangers(r);
		break;
	case DNS_NXDOMAIN:
		give_failure(r, STATUS_PERMFAIL, "550 5.1.2 the domain %s does not exist",
			r->domain);
		break;
	default:
		give_failure(
			r, STATUS_TEMPFAIL, "451 4.4.3 DNS: MX of %s: %s", r->domain, a->why);
		break;
	}
}

static bool
domain_literal(const char *domain, struct ip *ip)
{
	struct str s = str_of(domain);
	if (s.n < 3 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return false;
	s = str_n(s.p + 1, s.n - 2);
	if (str_istarts(s, STR("IPv6:")))
		s = str_skip(s, 5);
	return ip_parse(s, ip) == 0;
}

bool
resolve_is_literal(const struct route *route)
{
	if (route->kind != ROUTE_HOST)
		return route->kind != ROUTE_MX;
	for (size_t i = 0; i < route->servers.n; i++)
		if (!exchanger_is_literal(route->servers.list[i].host))
			return false;
	return true;
}

static void
ask_servers(struct resolution *r, size_t first)
{
	const struct relay_servers *s = &r->route->servers;
	size_t order[RELAY_MAX_SERVERS];
	r->secure = true; /* the site says so */
	relay_servers_order(s, first, relay_random, order);
	for (size_t i = 0; i < s->n; i++) {
		const struct relay_server *one = &s->list[order[i]];
		exchangers_add_named(&r->exchangers, one->host, one->priority, one->port);
	}
	exchangers_ask(&r->exchangers, r->dns, give_hosts, r);
}

static void
start(struct resolution *r, size_t first)
{
	r->starting = true;
	if (r->route->kind == ROUTE_MX)
		r->mx_query = dns_ask(r->dns, r->domain, DNS_MX, 0, on_mx, r);
	else
		ask_servers(r, first);
	r->starting = false;
}

struct resolution *
resolve_start(struct dns *dns, const struct route *route, int port, const char *domain,
	size_t first, resolved *done, void *arg)
{
	struct ip ip;
	if (route->kind == ROUTE_UNIX ||
		(route->kind == ROUTE_MX && domain_literal(domain, &ip))) {
		if (route->kind == ROUTE_UNIX)
			give_socket(route, done, arg);
		else
			give_literal(domain, &ip, port, done, arg);
		return NULL;
	}
	struct resolution *r = xcalloc(1, sizeof(*r));
	r->dns = dns;
	r->route = route;
	r->port = port;
	r->done = done;
	r->arg = arg;
	r->domain = xstrdup(domain);
	start(r, first);
	if (!r->over)
		return r;
	free_resolution(r);
	return NULL;
}

void
resolve_cancel(struct resolution *r)
{
	if (!r)
		return;
	if (r->mx_query)
		dns_cancel(r->mx_query);
	exchangers_cancel(&r->exchangers);
	free_resolution(r);
}
