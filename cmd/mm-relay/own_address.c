#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "own_address.h"

#define MAX_OWN 256

static struct ip own[MAX_OWN];
static size_t nown;

static void
add(const struct sockaddr *a)
{
	struct ip *ip = &own[nown];
	if (!a || nown == MAX_OWN)
		return;
	*ip = (struct ip){.family = a->sa_family};
	if (a->sa_family == AF_INET)
		memcpy(ip->octets, &((const struct sockaddr_in *)a)->sin_addr, 4);
	else if (a->sa_family == AF_INET6)
		memcpy(ip->octets, &((const struct sockaddr_in6 *)a)->sin6_addr, 16);
	else
		return;
	nown++;
}

static void
read_interfaces(void)
{
	static bool done;
	struct ifaddrs *list;
	if (done || getifaddrs(&list) < 0)
		return;
	done = true;
	for (const struct ifaddrs *i = list; i; i = i->ifa_next)
		add(i->ifa_addr);
	freeifaddrs(list);
}

/* An IPv4 address within IPv6 is that address. */
static struct ip
plain(const struct ip *ip)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct ip four = {.family = AF_INET};
	if (ip->family != AF_INET6 || memcmp(ip->octets, mapped, sizeof(mapped)) != 0)
		return *ip;
	memcpy(four.octets, ip->octets + sizeof(mapped), 4);
	return four;
}

bool
own_address_loopback(const struct ip *ip)
{
	static const uint8_t six[16] = {[15] = 1};
	struct ip p = plain(ip);
	return p.family == AF_INET ? p.octets[0] == 127 : memcmp(p.octets, six, 16) == 0;
}

bool
own_address(const struct ip *ip)
{
	static const uint8_t zero[16];
	struct ip p = plain(ip);
	size_t size = p.family == AF_INET ? 4 : 16;
	if (own_address_loopback(&p) || memcmp(p.octets, zero, size) == 0)
		return true;
	read_interfaces();
	for (size_t i = 0; i < nown; i++)
		if (own[i].family == p.family && memcmp(own[i].octets, p.octets, size) == 0)
			return true;
	return false;
}
