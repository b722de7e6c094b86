#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io.h"
#include "listen.h"
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

int
listener_open(struct listener *l, struct server *srv, const struct listen_spec *spec)
{
	struct peer p;
	*l = (struct listener){.srv = srv, .fd = -1, .tls_wrapped = spec->tls_wrapped};
	ev_io_init(&l->readable, on_connect, -1, EV_READ);
	ev_init(&l->pause, on_pause_over);
	l->readable.data = l->pause.data = l;
	l->fd = listen_tcp(spec->where);
	if (l->fd < 0)
		return -1;
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
		if (l[i].tls_wrapped)
			log_cstr(&line, "tls-wrapped", "yes");
		log_end(&line);
		buf_addf(&lines, "%s %d\n", l[i].bound.text, l[i].bound.port);
		ev_io_start(l[i].srv->loop, &l[i].readable);
	}
	int rc = tell(&lines, cfg);
	buf_release(&lines);
	return rc;
}
