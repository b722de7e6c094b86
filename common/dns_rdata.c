#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "dns.h"

int
dns_rdata_ip(struct str rdata, struct ip *out)
{
	if (rdata.n != 4 && rdata.n != 16)
		return -1;
	*out = (struct ip){.family = rdata.n == 4 ? AF_INET : AF_INET6};
	memcpy(out->octets, rdata.p, rdata.n);
	return 0;
}

/* libunbound hands out names uncompressed.  A dot or an unprintable octet
 * within a label cannot be written as a plain name: such a record is refused. */
int
dns_rdata_name(struct str rdata, char *out, size_t size)
{
	size_t at = 0, n = 0;
	while (at < rdata.n) {
		size_t len = (unsigned char)rdata.p[at++];
		if (len == 0) {
			out[n] = '\0';
			return at == rdata.n ? 0 : -1;
		}
		if (len > 63 || at + len > rdata.n || n + len + 2 > size)
			return -1;
		if (n)
			out[n++] = '.';
		for (size_t i = 0; i < len; i++) {
			char c = rdata.p[at + i];
			if (c <= ' ' || c == '.' || c == 0x7f)
				return -1;
			out[n++] = c;
		}
		at += len;
	}
	return -1;
}

int
dns_rdata_mx(struct str rdata, int *preference, char *out, size_t size)
{
	if (rdata.n < 3)
		return -1;
	*preference = (unsigned char)rdata.p[0] << 8 | (unsigned char)rdata.p[1];
	return dns_rdata_name(str_skip(rdata, 2), out, size);
}

int
dns_rdata_txt(struct str rdata, struct buf *out)
{
	while (rdata.n) {
		size_t len = (unsigned char)rdata.p[0];
		if (len + 1 > rdata.n)
			return -1;
		buf_add(out, rdata.p + 1, len);
		rdata = str_skip(rdata, len + 1);
	}
	return 0;
}

void
dns_reverse_name(const struct ip *ip, const char *suffix, char *out, size_t size)
{
	struct buf b = {0};
	const uint8_t *o = ip->octets;
	if (ip->family == AF_INET)
		buf_addf(&b, "%d.%d.%d.%d.%s", o[3], o[2], o[1], o[0],
			suffix ? suffix : "in-addr.arpa");
	for (int i = 15; i >= 0 && ip->family == AF_INET6; i--)
		buf_addf(&b, "%x.%x.", o[i] & 15, o[i] >> 4);
	if (ip->family == AF_INET6)
		buf_addstr(&b, suffix ? suffix : "ip6.arpa");
	(void)str_copy(buf_str(&b), out, size);
	buf_release(&b);
}
