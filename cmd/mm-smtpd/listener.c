#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "listener.h"
#include "log.h"

#define ACCEPTS_A_TURN 64

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
			server_accept(l->srv, fd, l->tls_wrapped);
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

void
listener_start(struct listener *l, struct server *srv, const struct socket *s)
{
	*l = (struct listener){.srv = srv, .fd = s->fd, .tls_wrapped = s->tls_wrapped};
	ev_io_init(&l->readable, on_connect, s->fd, EV_READ);
	ev_init(&l->pause, on_pause_over);
	l->readable.data = l->pause.data = l;
	ev_io_start(srv->loop, &l->readable);
}

void
listener_stop(struct listener *l)
{
	ev_io_stop(l->srv->loop, &l->readable);
	ev_timer_stop(l->srv->loop, &l->pause);
	l->fd = -1;
}
