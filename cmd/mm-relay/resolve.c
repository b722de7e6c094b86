#include <stdio.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/un.h>

#include "mem.h"
#include "own_address.h"
#include "resolve.h"

#define MAX_EXCHANGERS 16 /* RFC 5321 section 5.1 lets us set a limit */
#define PORT_OF_SMTP 25
#define MAX_ADDRESSES 8 /* of one host and family */

struct exchanger {
	struct resolution *owner;
	char name[DNS_NAME_SIZE];
	int preference;
	unsigned shuffle;             /* order among equals: RFC 5321 section 5.1 */
	struct dns_query *queries[2]; /* A, AAAA */
	struct ip ips[2][MAX_ADDRESSES];
	size_t n[2];
	bool insecure; /* an address answer was */
	char canonical[DNS_NAME_SIZE];
};

struct resolution {
	struct dns *dns;
	const struct route *route;
	int port;
	char *domain;
	resolved *done;
	void *arg;
	struct dns_query *mx_query;
	struct exchanger exchangers[MAX_EXCHANGERS];
	size_t n;
	size_t outstanding;
	bool implicit, temporary;
	bool secure;  /* the MX answer, if there was to be one */
	char why[64]; /* a temporary DNS failure */
};

static void
give_literal(const char *name, const struct ip *ip, int port, resolved *done, void *arg)
{
	struct hosts hosts = {0};
	if (name[0] == '[' && port == PORT_OF_SMTP && own_address(ip)) {
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
give_localhost(const struct route *route, int port, resolved *done, void *arg)
{
	struct hosts hosts = {0};
	struct ip four = {AF_INET, {127, 0, 0, 1}}, six = {AF_INET6, {[15] = 1}};
	hosts_add(&hosts, route->host, 0, &four, port);
	hosts_add(&hosts, route->host, 0, &six, port);
	done(arg, &hosts, STATUS_OK, "");
}

static void
give(struct resolution *r, struct hosts *hosts, enum status status, const char *reply)
{
	resolved *done = r->done;
	void *arg = r->arg;
	free(r->domain);
	free(r);
	done(arg, hosts, status, reply);
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
bears_our_name(const struct resolution *r, const struct exchanger *x)
{
	return str_ieq(str_of(x->name), str_of(r->route->smtp.hello));
}

/* At another port than that of SMTP something else than we may listen. */
static bool
has_our_address(const struct resolution *r, const struct exchanger *x)
{
	for (int family = 0; family < 2 && r->port == PORT_OF_SMTP; family++)
		for (size_t i = 0; i < x->n[family]; i++)
			if (own_address(&x->ips[family][i]))
				return true;
	return false;
}

/* RFC 5321 section 5.1: hosts that are not better than ourselves would only
 * send the mail round in circles. */
static bool
drop_own_and_worse(struct resolution *r,
	bool (*is_own)(const struct resolution *r, const struct exchanger *x))
{
	for (size_t i = 0; i < r->n; i++) {
		if (!is_own(r, &r->exchangers[i]))
			continue;
		while (i > 0 && r->exchangers[i - 1].preference == r->exchangers[i].preference)
			i--;
		r->n = i;
		return i > 0;
	}
	return true;
}

static void
give_loop(struct resolution *r)
{
	give_failure(r, STATUS_PERMFAIL,
		"554 5.4.6 the best mail exchanger of %s is this host itself", r->domain);
}

static void
add_exchanger_hosts(
	struct hosts *hosts, const struct resolution *r, const struct exchanger *x, int family)
{
	for (size_t k = 0; k < x->n[family] && hosts->n < RESOLVE_MAX_HOSTS; k++) {
		struct host *h =
			hosts_add(hosts, x->name, x->preference, &x->ips[family][k], r->port);
		h->secure = r->secure && !x->insecure;
		memcpy(h->canonical, x->canonical, sizeof(h->canonical));
	}
}

static void
give_hosts(struct resolution *r)
{
	struct hosts hosts = {.implicit = r->implicit};
	if (r->route->kind == ROUTE_MX && !drop_own_and_worse(r, has_our_address)) {
		give_loop(r);
		return;
	}
	for (size_t i = 0; i < r->n; i++)
		for (int family = 0; family < 2; family++)
			add_exchanger_hosts(&hosts, r, &r->exchangers[i], family);
	if (hosts.n > 0)
		give(r, &hosts, STATUS_OK, "");
	else if (r->temporary)
		give_failure(r, STATUS_TEMPFAIL, "451 4.4.3 DNS: %s", r->why);
	else if (r->route->kind == ROUTE_HOST)
		give_failure(r, STATUS_TEMPFAIL, "451 4.4.4 the relay %s has no address",
			r->route->host);
	else if (r->implicit)
		give_failure(r, STATUS_PERMFAIL,
			"550 5.1.2 the domain %s has neither MX nor address", r->domain);
	else
		give_failure(r, STATUS_PERMFAIL,
			"550 5.4.4 no mail exchanger of %s has an address", r->domain);
}

static void
on_address(struct exchanger *x, int family, const struct dns_answer *a)
{
	struct resolution *r = x->owner;
	x->queries[family] = NULL;
	if (a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS) {
		r->temporary = true;
		(void)snprintf(r->why, sizeof(r->why), "%s", a->why);
	}
	x->insecure |= a->status == DNS_FOUND && !a->secure;
	if (a->canonical)
		(void)str_copy(str_of(a->canonical), x->canonical, sizeof(x->canonical));
	for (size_t i = 0; i < a->n && x->n[family] < MAX_ADDRESSES; i++)
		if (dns_rdata_ip(a->rdata[i], &x->ips[family][x->n[family]]) == 0)
			x->n[family]++;
	if (--r->outstanding == 0)
		give_hosts(r);
}

static void
on_a(void *arg, const struct dns_answer *a)
{
	on_address(arg, 0, a);
}

static void
on_aaaa(void *arg, const struct dns_answer *a)
{
	on_address(arg, 1, a);
}

static int
by_preference(const void *a, const void *b)
{
	const struct exchanger *x = a, *y = b;
	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return x->shuffle < y->shuffle ? -1 : x->shuffle > y->shuffle;
}

static void
ask_addresses(struct resolution *r)
{
	qsort(r->exchangers, r->n, sizeof(*r->exchangers), by_preference);
	if (r->route->kind == ROUTE_MX && !drop_own_and_worse(r, bears_our_name)) {
		give_loop(r);
		return;
	}
	r->outstanding = 2 * r->n;
	for (size_t i = 0; i < r->n; i++) {
		struct exchanger *x = &r->exchangers[i];
		x->owner = r;
		x->queries[0] = dns_ask(r->dns, x->name, DNS_A, 0, on_a, x);
		x->queries[1] = dns_ask(r->dns, x->name, DNS_AAAA, 0, on_aaaa, x);
	}
}

static struct exchanger *
add_exchanger(struct resolution *r, const char *name, int preference)
{
	struct exchanger *x = &r->exchangers[r->n++];
	x->preference = preference;
	(void)str_copy(str_of(name), x->name, sizeof(x->name));
	if (getrandom(&x->shuffle, sizeof(x->shuffle), 0) < 0)
		x->shuffle = 0;
	return x;
}

static void
read_exchangers(struct resolution *r, const struct dns_answer *a)
{
	char name[DNS_NAME_SIZE];
	int preference;
	for (size_t i = 0; i < a->n && r->n < MAX_EXCHANGERS; i++)
		if (dns_rdata_mx(a->rdata[i], &preference, name, sizeof(name)) == 0 && *name)
			add_exchanger(r, name, preference);
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
		if (r->n > 0)
			ask_addresses(r);
		else
			give_failure(r, STATUS_PERMFAIL,
				"556 5.1.10 the domain %s accepts no mail (null MX)",
				r->domain);
		break;
	case DNS_NODATA:
		r->implicit = true;
		add_exchanger(r, r->domain, 0);
		ask_addresses(r);
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
	struct ip ip;
	return route->kind == ROUTE_UNIX || route->kind == ROUTE_MAILDIR ||
	       (route->kind == ROUTE_HOST &&
		       (ip_parse(str_of(route->host), &ip) == 0 ||
			       str_ieq(str_of(route->host), STR("localhost"))));
}

static bool
give_without_dns(
	const struct route *route, int port, const char *domain, resolved *done, void *arg)
{
	struct ip ip;
	if (route->kind == ROUTE_UNIX)
		give_socket(route, done, arg);
	else if (route->kind == ROUTE_HOST && ip_parse(str_of(route->host), &ip) == 0)
		give_literal(route->host, &ip, port, done, arg);
	else if (route->kind == ROUTE_HOST && str_ieq(str_of(route->host), STR("localhost")))
		give_localhost(route, port, done, arg);
	else if (route->kind == ROUTE_MX && domain_literal(domain, &ip))
		give_literal(domain, &ip, port, done, arg);
	else
		return false;
	return true;
}

struct resolution *
resolve_start(struct dns *dns, const struct route *route, int port, const char *domain,
	resolved *done, void *arg)
{
	if (give_without_dns(route, port, domain, done, arg))
		return NULL;
	struct resolution *r = xcalloc(1, sizeof(*r));
	r->dns = dns;
	r->route = route;
	r->port = port;
	r->done = done;
	r->arg = arg;
	r->domain = xstrdup(route->kind == ROUTE_MX ? domain : route->host);
	if (route->kind == ROUTE_MX) {
		r->mx_query = dns_ask(dns, domain, DNS_MX, 0, on_mx, r);
	} else {
		r->secure = true; /* the site says so */
		add_exchanger(r, route->host, 0);
		ask_addresses(r);
	}
	return r;
}

void
resolve_cancel(struct resolution *r)
{
	if (!r)
		return;
	if (r->mx_query)
		dns_cancel(r->mx_query);
	for (size_t i = 0; i < r->n; i++)
		for (int k = 0; k < 2; k++)
			if (r->exchangers[i].queries[k])
				dns_cancel(r->exchangers[i].queries[k]);
	free(r->domain);
	free(r);
}
