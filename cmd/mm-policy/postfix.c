#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listen.h"
#include "log.h"
#include "postfix.h"
#include "postfix_client.h"

#define PAUSE_SECONDS 1.

static void
listeners_watch(struct postfix *s, bool on)
{
	for (size_t i = 0; i < s->nlisteners; i++) {
		if (on)
			ev_io_start(s->loop, &s->listeners[i].readable);
		else
			ev_io_stop(s->loop, &s->listeners[i].readable);
	}
}

static void
on_pause_over(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	listeners_watch(w->data, true);
}

/* Who waits stays in the backlog. */
static void
pause_accepting(struct postfix *s)
{
	listeners_watch(s, false);
	ev_timer_stop(s->loop, &s->pause);
	ev_timer_set(&s->pause, PAUSE_SECONDS, 0.);
	ev_timer_start(s->loop, &s->pause);
}

static void
on_connect(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct postfix_listener *l = w->data;
	struct postfix *s = l->owner;
	(void)loop;
	(void)events;
	if (s->nclients >= POSTFIX_MAX_CLIENTS) {
		log_warn("%d connections are open; the next one waits", POSTFIX_MAX_CLIENTS);
		pause_accepting(s);
		return;
	}
	int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		postfix_client_new(s, fd, fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
		log_error("cannot accept: %s; waiting a second", strerror(errno));
		pause_accepting(s);
	}
}

static void
tell_where(int fd, const char *where)
{
	struct sockaddr_storage sa = {0};
	socklen_t len = sizeof(sa);
	char port[NI_MAXSERV];
	struct logline l;
	log_begin(&l, LOG_INFO, "listening");
	log_cstr(&l, "on", where);
	if (getsockname(fd, (struct sockaddr *)&sa, &len) == 0 && sa.ss_family != AF_UNIX &&
		getnameinfo((struct sockaddr *)&sa, len, NULL, 0, port, sizeof(port),
			NI_NUMERICSERV) == 0)
		log_cstr(&l, "port", port);
	log_end(&l);
}

int
postfix_listen(struct postfix *s, const char *where)
{
	struct postfix_listener *l = &s->listeners[s->nlisteners];
	bool local = str_starts(str_of(where), STR("unix:"));
	l->fd = local ? listen_unix(where + strlen("unix:")) : listen_tcp(where);
	if (l->fd < 0)
		return -1;
	l->owner = s;
	ev_io_init(&l->readable, on_connect, l->fd, EV_READ);
	l->readable.data = l;
	s->nlisteners++;
	tell_where(l->fd, where);
	return 0;
}

static void
on_stop(struct ev_loop *loop, struct ev_signal *w, int events)
{
	(void)w;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

static void
release(struct postfix *s)
{
	for (size_t i = 0; i < s->nlisteners; i++) {
		ev_io_stop(s->loop, &s->listeners[i].readable);
		close(s->listeners[i].fd);
	}
	while (s->clients)
		postfix_client_close(s->clients);
	ev_timer_stop(s->loop, &s->pause);
}

int
postfix_serve(struct postfix *s)
{
	struct ev_signal term, interrupt;
	signal(SIGPIPE, SIG_IGN);
	ev_init(&s->pause, on_pause_over);
	s->pause.data = s;
	ev_signal_init(&term, on_stop, SIGTERM);
	ev_signal_init(&interrupt, on_stop, SIGINT);
	ev_signal_start(s->loop, &term);
	ev_signal_start(s->loop, &interrupt);
	if (s->nlisteners == 0)
		postfix_client_new(s, STDIN_FILENO, STDOUT_FILENO);
	listeners_watch(s, true);
	ev_run(s->loop, 0);
	release(s);
	return s->status;
}
