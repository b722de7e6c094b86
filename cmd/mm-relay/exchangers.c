#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "exchangers.h"

static bool
is_localhost(const char *name)
{
	return str_ieq(str_of(name), STR("localhost"));
}

bool
exchanger_is_literal(const char *name)
{
	struct ip ip;
	return is_localhost(name) || ip_parse(str_of(name), &ip) == 0;
}

static void
add_address(struct exchanger *x, const struct ip *ip)
{
	int family = ip->family == AF_INET6;
	if (x->n[family] < MAX_ADDRESSES)
		x->ips[family][x->n[family]++] = *ip;
}

static void
add_literal(struct exchanger *x)
{
	static const struct ip four = {AF_INET, {127, 0, 0, 1}}, six = {AF_INET6, {[15] = 1}};
	struct ip ip;
	x->literal = x->insecure = true;
	if (is_localhost(x->name)) {
		add_address(x, &four);
		add_address(x, &six);
	} else if (ip_parse(str_of(x->name), &ip) == 0) {
		add_address(x, &ip);
	}
}

struct exchanger *
exchangers_add(struct exchangers *xs, const char *name, int preference, int port)
{
	struct exchanger *x = &xs->list[xs->n++];
	*x = (struct exchanger){.preference = preference, .port = port};
	(void)str_copy(str_of(name), x->name, sizeof(x->name));
	if (getrandom(&x->shuffle, sizeof(x->shuffle), 0) < 0)
		x->shuffle = 0;
	return x;
}

void
exchangers_add_named(struct exchangers *xs, const char *name, int preference, int port)
{
	struct exchanger *x = exchangers_add(xs, name, preference, port);
	if (exchanger_is_literal(name))
		add_literal(x);
}

static int
by_preference(const void *a, const void *b)
{
	const struct exchanger *x = a, *y = b;
	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return x->shuffle < y->shuffle ? -1 : x->shuffle > y->shuffle;
}

void
exchangers_sort(struct exchangers *xs)
{
	qsort(xs->list, xs->n, sizeof(*xs->list), by_preference);
}

static void
settle(struct exchangers *xs)
{
	if (--xs->outstanding == 0)
		xs->done(xs->arg);
}

static void
on_address(struct exchanger *x, int family, const struct dns_answer *a)
{
	struct exchangers *xs = x->owner;
	struct ip ip;
	x->queries[family] = NULL;
	if (a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS) {
		xs->temporary = true;
		(void)snprintf(xs->why, sizeof(xs->why), "%s", a->why);
	}
	x->insecure |= a->status == DNS_FOUND && !a->secure;
	if (a->canonical)
		(void)str_copy(str_of(a->canonical), x->canonical, sizeof(x->canonical));
	for (size_t i = 0; i < a->n; i++)
		if (dns_rdata_ip(a->rdata[i], &ip) == 0)
			add_address(x, &ip);
	settle(xs);
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

void
exchangers_ask(struct exchangers *xs, struct dns *dns, void (*done)(void *arg), void *arg)
{
	xs->done = done;
	xs->arg = arg;
	xs->outstanding = 1;
	for (size_t i = 0; i < xs->n; i++) {
		struct exchanger *x = &xs->list[i];
		if (x->literal)
			continue;
		x->owner = xs;
		xs->outstanding += 2;
		x->queries[0] = dns_ask(dns, x->name, DNS_A, 0, on_a, x);
		x->queries[1] = dns_ask(dns, x->name, DNS_AAAA, 0, on_aaaa, x);
	}
	settle(xs);
}

void
exchangers_cancel(struct exchangers *xs)
{
	for (size_t i = 0; i < xs->n; i++)
		for (int k = 0; k < 2; k++)
			if (xs->list[i].queries[k])
				dns_cancel(xs->list[i].queries[k]);
}

bool
exchangers_drop_own(struct exchangers *xs,
	bool (*is_own)(const struct exchanger *x, const void *arg), const void *arg)
{
	for (size_t i = 0; i < xs->n; i++) {
		if (!is_own(&xs->list[i], arg))
			continue;
		while (i > 0 && xs->list[i - 1].preference == xs->list[i].preference)
			i--;
		xs->n = i;
		return i > 0;
	}
	return true;
}

static void
add_host(struct hosts *hosts, const struct exchanger *x, int family, size_t k, bool secure)
{
	if (k >= x->n[family] || hosts->n >= RESOLVE_MAX_HOSTS)
		return;
	struct host *h = hosts_add(hosts, x->name, x->preference, &x->ips[family][k], x->port);
	h->secure = secure && !x->insecure;
	memcpy(h->canonical, x->canonical, sizeof(h->canonical));
}

void
exchangers_hosts(const struct exchangers *xs, bool secure, struct hosts *hosts)
{
	for (size_t i = 0; i < xs->n; i++) {
		const struct exchanger *x = &xs->list[i];
		int first = is_localhost(x->name) ? 0 : 1;
		for (size_t k = 0; k < MAX_ADDRESSES; k++) {
			add_host(hosts, x, first, k, secure);
			add_host(hosts, x, !first, k, secure);
		}
	}
}
