#include <string.h>
#include <sys/socket.h>

#include "num.h"
#include "proxy.h"

#define V1_MAX 107 /* with CRLF */
#define V2_HEAD 16

static const char v2_signature[] = "\r\n\r\n\0\r\nQUIT\n";
#define SIGNATURE str_n(v2_signature, sizeof(v2_signature) - 1)

/* "192.0.2.1 198.51.100.2 56324 25" */
static int
v1_addresses(struct str rest, int family, struct peer *p)
{
	struct ip client, server;
	int client_port, server_port;
	if (ip_parse(str_cut(&rest, ' '), &client) < 0 ||
		ip_parse(str_cut(&rest, ' '), &server) < 0 || client.family != family ||
		server.family != family ||
		num_int(str_cut(&rest, ' '), 0, 65535, &client_port) < 0 ||
		num_int(rest, 0, 65535, &server_port) < 0)
		return -1;
	endpoint_set(&p->client, &client, client_port);
	endpoint_set(&p->server, &server, server_port);
	return 0;
}

static enum proxy_result
v1_line(struct str line, struct peer *p)
{
	struct str rest = str_skip(line, strlen("PROXY ")), family = str_cut(&rest, ' ');
	int rc = -1;
	if (str_eq(family, STR("UNKNOWN")))
		rc = 0;
	else if (str_eq(family, STR("TCP4")))
		rc = v1_addresses(rest, AF_INET, p);
	else if (str_eq(family, STR("TCP6")))
		rc = v1_addresses(rest, AF_INET6, p);
	return rc == 0 ? PROXY_DONE : PROXY_BAD;
}

static enum proxy_result
v1(struct str in, struct peer *p, size_t *used)
{
	const char *lf = memchr(in.p, '\n', in.n < V1_MAX ? in.n : V1_MAX);
	if (!lf)
		return in.n < V1_MAX ? PROXY_MORE : PROXY_BAD;
	*used = (size_t)(lf - in.p) + 1;
	if (in.p[*used - 2] != '\r')
		return PROXY_BAD;
	return v1_line(str_n(in.p, *used - 2), p);
}

static int
port_at(const unsigned char *octets)
{
	return octets[0] << 8 | octets[1];
}

/* Source, destination, source port, destination port. */
static void
v2_addresses(const unsigned char *at, int family, struct peer *p)
{
	size_t n = family == AF_INET ? 4 : 16;
	struct ip client = {.family = family}, server = {.family = family};
	memcpy(client.octets, at, n);
	memcpy(server.octets, at + n, n);
	endpoint_set(&p->client, &client, port_at(at + 2 * n));
	endpoint_set(&p->server, &server, port_at(at + 2 * n + 2));
}

static enum proxy_result
v2(struct str in, struct peer *p, size_t *used)
{
	const unsigned char *head = (const unsigned char *)in.p;
	if (in.n < V2_HEAD)
		return PROXY_MORE;
	unsigned command = head[12], family = head[13], length = (unsigned)port_at(head + 14);
	*used = V2_HEAD + length;
	if (command >> 4 != 2 || (command & 15) > 1 || *used > PROXY_MAX)
		return PROXY_BAD;
	if (in.n < *used)
		return PROXY_MORE;
	if ((command & 15) == 0) /* LOCAL: the proxy speaks for itself */
		return PROXY_DONE;
	if ((family == 0x11 && length < 12) || (family == 0x21 && length < 36))
		return PROXY_BAD;
	if (family == 0x11)
		v2_addresses(head + V2_HEAD, AF_INET, p);
	else if (family == 0x21)
		v2_addresses(head + V2_HEAD, AF_INET6, p);
	return PROXY_DONE;
}

static bool
begins_like(struct str in, struct str with)
{
	size_t n = in.n < with.n ? in.n : with.n;
	return memcmp(in.p, with.p, n) == 0;
}

enum proxy_result
proxy_parse(struct str in, struct peer *p, size_t *used)
{
	if (in.n == 0)
		return PROXY_MORE;
	if (begins_like(in, STR("PROXY ")))
		return v1(in, p, used);
	return begins_like(in, SIGNATURE) ? v2(in, p, used) : PROXY_BAD;
}
