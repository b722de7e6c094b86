#include <arpa/inet.h>
#include <string.h>

#include "cidr.h"
#include "num.h"

static void
unmap(struct ip *ip)
{
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	if (ip->family != AF_INET6 || memcmp(ip->octets, prefix, sizeof(prefix)) != 0)
		return;
	memmove(ip->octets, ip->octets + 12, 4);
	memset(ip->octets + 4, 0, 12);
	ip->family = AF_INET;
}

static int
parse_unmapped(struct str s, struct ip *out)
{
	char text[IP_TEXT_SIZE];
	*out = (struct ip){0};
	if (!str_copy(s, text, sizeof(text)) || memchr(s.p ? s.p : "", '\0', s.n))
		return -1;
	out->family = memchr(text, ':', s.n) ? AF_INET6 : AF_INET;
	return inet_pton(out->family, text, out->octets) == 1 ? 0 : -1;
}

int
ip_parse(struct str s, struct ip *out)
{
	if (parse_unmapped(s, out) < 0)
		return -1;
	unmap(out);
	return 0;
}

static int
family_bits(int family)
{
	return family == AF_INET ? 32 : 128;
}

static void
clear_host_bits(struct cidr *c)
{
	for (int bit = c->bits; bit < family_bits(c->ip.family); bit++)
		c->ip.octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

int
cidr_parse(struct str s, struct cidr *out)
{
	struct str bits = s, addr = str_cut(&bits, '/');
	if (parse_unmapped(addr, &out->ip) < 0)
		return -1;
	out->bits = family_bits(out->ip.family);
	if (bits.p && num_int(bits, 0, out->bits, &out->bits) < 0)
		return -1;
	int before = out->ip.family;
	if (before == AF_INET || out->bits >= 96)
		unmap(&out->ip);
	if (out->ip.family != before)
		out->bits -= 96;
	clear_host_bits(out);
	return 0;
}

char *
ip_text(const struct ip *ip, char out[IP_TEXT_SIZE])
{
	if (!inet_ntop(ip->family, ip->octets, out, IP_TEXT_SIZE))
		out[0] = '\0';
	return out;
}

bool
cidr_contains(const struct cidr *c, const struct ip *ip)
{
	if (ip->family != c->ip.family)
		return false;
	int whole = c->bits / 8, rest = c->bits % 8;
	if (memcmp(ip->octets, c->ip.octets, (size_t)whole) != 0)
		return false;
	return rest == 0 || ((ip->octets[whole] ^ c->ip.octets[whole]) >> (8 - rest)) == 0;
}

bool
cidr_covers(const struct cidr *outer, const struct cidr *inner)
{
	return outer->bits <= inner->bits && cidr_contains(outer, &inner->ip);
}
