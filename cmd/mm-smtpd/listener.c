#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io.h"
#include "listener.h"
#include "log.h"
#include "num.h"

#define BACKLOG 1024
#define ACCEPTS_A_TURN 64

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

static void
on_pause_over(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct listener *l = w->data;
	(void)events;
	if (l->fd >= 0)
		ev_io_start(loop, &l->readable);
}

static void
on_connect(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct listener *l = w->data;
	int on = 1;
	(void)events;
	for (int i = 0; i < ACCEPTS_A_TURN && l->fd >= 0; i++) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
			server_accept(l->srv, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			log_error("cannot accept: %s; waiting a second", strerror(errno));
			ev_io_stop(loop, w);
			ev_timer_set(&l->pause, 1., 0.);
			ev_timer_start(loop, &l->pause);
		}
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

int
listener_open(struct listener *l, struct server *srv, const char *spec)
{
	struct sockaddr_storage sa;
	socklen_t len;
	struct peer p;
	*l = (struct listener){.srv = srv, .fd = -1};
	ev_io_init(&l->readable, on_connect, -1, EV_READ);
	ev_init(&l->pause, on_pause_over);
	l->readable.data = l->pause.data = l;
	if (parse_spec(spec, &sa, &len) < 0) {
		log_error("-l %s: expected ADDR:PORT, [ADDR]:PORT or :PORT", spec);
		return -1;
	}
	l->fd = bind_listen(spec, &sa, len);
	if (l->fd < 0) {
		log_error("cannot listen on %s: %s", spec, strerror(errno));
		return -1;
	}
	peer_of_socket(&p, l->fd);
	l->bound = p.server;
	ev_io_set(&l->readable, l->fd, EV_READ);
	return 0;
}

void
listener_close(struct listener *l)
{
	ev_io_stop(l->srv->loop, &l->readable);
	ev_timer_stop(l->srv->loop, &l->pause);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

static int
tell(struct buf *lines, const struct config *cfg)
{
	if (cfg->port_file && io_write_file(cfg->port_file, lines->p, lines->n, 0644) < 0) {
		log_error("cannot write %s: %s", cfg->port_file, strerror(errno));
		return -1;
	}
	if (cfg->ready_fd >= 0 && io_write_all(cfg->ready_fd, lines->p, lines->n) < 0) {
		log_error("cannot write to descriptor %d: %s", cfg->ready_fd, strerror(errno));
		return -1;
	}
	if (cfg->ready_fd > 2)
		close(cfg->ready_fd);
	return 0;
}

int
listeners_announce(struct listener *l, size_t n, const struct config *cfg)
{
	struct buf lines = {0};
	for (size_t i = 0; i < n; i++) {
		struct logline line;
		log_begin(&line, LOG_INFO, "listening");
		log_cstr(&line, "addr", l[i].bound.text);
		log_num(&line, "port", l[i].bound.port);
		log_end(&line);
		buf_addf(&lines, "%s %d\n", l[i].bound.text, l[i].bound.port);
		ev_io_start(l[i].srv->loop, &l[i].readable);
	}
	int rc = tell(&lines, cfg);
	buf_release(&lines);
	return rc;
}
