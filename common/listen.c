#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cidr.h"
#include "listen.h"
#include "log.h"
#include "num.h"

#define BACKLOG 1024

static int
parse_spec(const char *spec, struct sockaddr_storage *sa, socklen_t *len)
{
	struct sockaddr_in *in = (struct sockaddr_in *)sa;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)sa;
	const char *colon = strrchr(spec, ':');
	struct ip ip = {.family = AF_INET6}; /* "::" */
	int port;
	if (!colon || num_int(str_of(colon + 1), 0, 65535, &port) < 0)
		return -1;
	struct str host = str_n(spec, (size_t)(colon - spec));
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_n(host.p + 1, host.n - 2);
	if (host.n && ip_parse(host, &ip) < 0)
		return -1;
	memset(sa, 0, sizeof(*sa));
	sa->ss_family = (sa_family_t)ip.family;
	*len = ip.family == AF_INET ? sizeof(*in) : sizeof(*in6);
	if (ip.family == AF_INET) {
		memcpy(&in->sin_addr, ip.octets, 4);
		in->sin_port = htons((uint16_t)port);
	} else {
		memcpy(&in6->sin6_addr, ip.octets, 16);
		in6->sin6_port = htons((uint16_t)port);
	}
	return 0;
}

/* ":25" is one socket for both families, or IPv4 alone on a host without IPv6. */
static int
bind_listen(const char *spec, struct sockaddr_storage *sa, socklen_t len)
{
	int on = 1, only6 = spec[0] != ':';
	int fd = socket(sa->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 && errno == EAFNOSUPPORT && !only6) {
		struct sockaddr_in *in = (struct sockaddr_in *)sa;
		in_port_t port = ((struct sockaddr_in6 *)sa)->sin6_port;
		*in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
		len = sizeof(*in);
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	}
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (sa->ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only6, sizeof(only6));
	if (bind(fd, (struct sockaddr *)sa, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
listen_tcp(const char *spec)
{
	struct sockaddr_storage sa;
	socklen_t len;
	if (parse_spec(spec, &sa, &len) < 0) {
		log_error(
			"cannot listen on %s: expected ADDR:PORT, [ADDR]:PORT or :PORT", spec);
		return -1;
	}
	int fd = bind_listen(spec, &sa, len);
	if (fd < 0)
		log_error("cannot listen on %s: %s", spec, strerror(errno));
	return fd;
}

/* Removes a socket that nobody listens on any more. */
static void
remove_stale(const struct sockaddr_un *sa)
{
	struct stat st;
	if (lstat(sa->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) < 0 && errno == ECONNREFUSED)
		(void)unlink(sa->sun_path);
	close(fd);
}

int
listen_unix(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	if (!str_copy(str_of(path), sa.sun_path, sizeof(sa.sun_path)) || !*path) {
		log_error("cannot listen on unix:%s: expected a path of 1 to %zu octets", path,
			sizeof(sa.sun_path) - 1);
		return -1;
	}
	remove_stale(&sa);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 &&
		chmod(path, 0666) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	log_error("cannot listen on %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
