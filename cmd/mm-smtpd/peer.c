#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "num.h"
#include "peer.h"

void
endpoint_set(struct endpoint *e, const struct ip *ip, int port)
{
	char text[IP_TEXT_SIZE];
	*e = (struct endpoint){.port = port};
	if (ip_parse(str_of(ip_text(ip, text)), &e->ip) == 0)
		(void)ip_text(&e->ip, e->text);
}

typedef int get_name(int fd, struct sockaddr *sa, socklen_t *len);

static void
set_text(struct endpoint *e, struct str text)
{
	if (ip_parse(text, &e->ip) == 0)
		(void)ip_text(&e->ip, e->text);
}

static void
from_socket(struct endpoint *e, int fd, get_name *name)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	struct ip ip = {0};
	int port;
	if (name(fd, (struct sockaddr *)&sa, &len) < 0)
		return;
	ip.family = sa.ss_family;
	if (sa.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&sa;
		memcpy(ip.octets, &in->sin_addr, 4);
		port = ntohs(in->sin_port);
	} else if (sa.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&sa;
		memcpy(ip.octets, &in6->sin6_addr, 16);
		port = ntohs(in6->sin6_port);
	} else {
		return;
	}
	endpoint_set(e, &ip, port);
}

void
peer_of_socket(struct peer *p, int fd)
{
	*p = (struct peer){.socket = true};
	from_socket(&p->client, fd, getpeername);
	from_socket(&p->server, fd, getsockname);
}

static void
from_environment(struct endpoint *e, const char *ip, const char *port)
{
	if (getenv(ip))
		set_text(e, str_of(getenv(ip)));
	if (getenv(port))
		(void)num_int(str_of(getenv(port)), 0, 65535, &e->port);
}

void
peer_of_stdin(struct peer *p)
{
	struct stat st;
	*p = (struct peer){0};
	if (fstat(STDIN_FILENO, &st) == 0 && S_ISSOCK(st.st_mode))
		peer_of_socket(p, STDIN_FILENO);
	from_environment(&p->client, "TCPREMOTEIP", "TCPREMOTEPORT");
	from_environment(&p->server, "TCPLOCALIP", "TCPLOCALPORT");
}
