#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "dial.h"

static int
bind_source(int fd, const struct ip *source)
{
	struct hosts one = {0};
	if (!source->family)
		return 0;
	const struct host *h = hosts_add(&one, "", 0, source, 0);
	int rc = bind(fd, (const struct sockaddr *)&h->addr, h->addr_len);
	hosts_release(&one);
	return rc;
}

static int
start(int fd, const struct host *host, const struct ip source[2])
{
	int family = host->addr.ss_family, one = 1;
	if (family != AF_UNIX) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (bind_source(fd, &source[family == AF_INET6]) < 0)
			return -1;
	}
	int rc = connect(fd, (const struct sockaddr *)&host->addr, host->addr_len);
	return rc < 0 && errno != EINPROGRESS ? -1 : 0;
}

int
dial(const struct host *host, const struct ip source[2])
{
	int fd = socket(host->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || start(fd, host, source) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}
