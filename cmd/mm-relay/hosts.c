#include <netinet/in.h>
#include <stdlib.h>

#include "hosts.h"
#include "mem.h"
#include "own_address.h"

void
hosts_release(struct hosts *h)
{
	for (size_t i = 0; i < h->n; i++)
		peer_policy_unref(h->list[i].policy);
	free(h->list);
	*h = (struct hosts){0};
}

int
host_port(const struct host *h)
{
	return ntohs(h->addr.ss_family == AF_INET
			     ? ((const struct sockaddr_in *)&h->addr)->sin_port
			     : ((const struct sockaddr_in6 *)&h->addr)->sin6_port);
}

bool
host_same_server(const struct host *a, const struct host *b)
{
	return str_ieq(str_of(a->name), str_of(b->name)) &&
	       (a->addr.ss_family == AF_UNIX || b->addr.ss_family == AF_UNIX ||
		       host_port(a) == host_port(b));
}

struct host *
hosts_add(struct hosts *hosts, const char *name, int preference, const struct ip *ip, int port)
{
	hosts->list = xrealloc(hosts->list, (hosts->n + 1) * sizeof(*hosts->list));
	struct host *h = &hosts->list[hosts->n++];
	*h = (struct host){.preference = preference, .loopback = own_address_loopback(ip)};
	(void)str_copy(str_of(name), h->name, sizeof(h->name));
	ip_text(ip, h->ip);
	if (ip->family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)&h->addr;
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		memcpy(&in->sin_addr, ip->octets, 4);
		h->addr_len = sizeof(*in);
	} else {
		struct sockaddr_in6 *in = (struct sockaddr_in6 *)&h->addr;
		in->sin6_family = AF_INET6;
		in->sin6_port = htons((uint16_t)port);
		memcpy(&in->sin6_addr, ip->octets, 16);
		h->addr_len = sizeof(*in);
	}
	return h;
}
