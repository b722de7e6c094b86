#include <stdlib.h>
#include <utlist.h>

#include "http_impl.h"
#include "mem.h"

static void
on_socket(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct socket_watch *s = w->data;
	struct http *h = s->http;
	int running, mask = (events & EV_READ ? CURL_CSELECT_IN : 0) |
			    (events & EV_WRITE ? CURL_CSELECT_OUT : 0);
	(void)loop;
	curl_multi_socket_action(h->multi, s->fd, mask, &running);
	http_collect(h);
}

static void
drop_watch(struct socket_watch *s)
{
	ev_io_stop(s->http->loop, &s->io);
	DL_DELETE(s->http->sockets, s);
	free(s);
}

static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct http *h = arg;
	struct socket_watch *s = socket_arg;
	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s)
			drop_watch(s);
		return 0;
	}
	if (!s) {
		s = xcalloc(1, sizeof(*s));
		s->http = h;
		s->fd = fd;
		ev_init(&s->io, on_socket);
		s->io.data = s;
		DL_APPEND(h->sockets, s);
		curl_multi_assign(h->multi, fd, s);
	}
	ev_io_stop(h->loop, &s->io);
	ev_io_set(&s->io, fd,
		(what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
	ev_io_start(h->loop, &s->io);
	return 0;
}

static void
on_timer(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct http *h = w->data;
	int running;
	(void)loop, (void)events;
	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	http_collect(h);
}

static int
set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct http *h = arg;
	(void)multi;
	ev_timer_stop(h->loop, &h->timer);
	if (timeout_ms >= 0) {
		ev_timer_set(&h->timer, (double)timeout_ms / 1000, 0.);
		ev_timer_start(h->loop, &h->timer);
	}
	return 0;
}

void
http_loop_start(struct http *h)
{
	ev_init(&h->timer, on_timer);
	h->timer.data = h;
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
}

void
http_loop_stop(struct http *h)
{
	struct socket_watch *s, *next;
	DL_FOREACH_SAFE(h->sockets, s, next)
	drop_watch(s);
	ev_timer_stop(h->loop, &h->timer);
}
