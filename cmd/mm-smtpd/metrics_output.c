#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "buf.h"
#include "io.h"
#include "listen.h"
#include "log.h"
#include "mem.h"
#include "metrics_output.h"
#include "metrics_text.h"

#define FILE_PERIOD_S 15.
#define CLIENTS_MAX 16
#define HEAD_MAX 4096
#define HEAD_WAIT_S 0.5 /* for a request, then as long for the answer to be read */
#define PAUSE_S 1.      /* while there are no descriptors */
#define UNIX_PREFIX STR("unix:")

struct client {
	struct metrics_output *o;
	int fd;
	bool answering;
	struct buf head, answer;
	struct ev_io io;
	struct ev_timer deadline;
	struct client *prev, *next;
};

struct metrics_output {
	struct ev_loop *loop;
	const char *path, *ingress;
	bool failing;          /* the file could not be written */
	struct ev_timer timer; /* until the file is due, or a pause is over */
	int fd;                /* the socket; -1: a file */
	struct ev_io readable;
	struct client *clients;
	size_t nclients;
};

/* The file */

static int
write_file(struct metrics_output *o)
{
	struct buf text = {0};
	metrics_text(&text, o->ingress);
	int rc = io_replace_file(o->path, text.p, text.n, 0644);
	if (rc < 0 && !o->failing)
		log_error("cannot write %s: %s", o->path, strerror(errno));
	o->failing = rc < 0;
	buf_release(&text);
	return rc;
}

static void
on_period(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop, (void)events;
	(void)write_file(w->data);
}

/* The socket */

static void
client_leave(struct client *c)
{
	struct metrics_output *o = c->o;
	ev_io_stop(o->loop, &c->io);
	ev_timer_stop(o->loop, &c->deadline);
	close(c->fd);
	buf_release(&c->head);
	buf_release(&c->answer);
	DL_DELETE(o->clients, c);
	free(c);
	if (o->nclients-- == CLIENTS_MAX)
		ev_io_start(o->loop, &o->readable);
}

static void
client_write(struct client *c)
{
	ssize_t n = send(c->fd, c->answer.p, c->answer.n, MSG_NOSIGNAL);
	if (n > 0)
		buf_consume(&c->answer, (size_t)n);
	if (c->answer.n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		client_leave(c);
}

static void
client_answer(struct client *c)
{
	struct buf text = {0};
	metrics_text(&text, c->o->ingress);
	buf_addf(&c->answer,
		"HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
		"Content-Length: %zu\r\nConnection: close\r\n\r\n",
		text.n);
	buf_adds(&c->answer, buf_str(&text));
	buf_release(&text);
	c->answering = true;
	ev_io_stop(c->o->loop, &c->io);
	ev_io_set(&c->io, c->fd, EV_WRITE);
	ev_io_start(c->o->loop, &c->io);
	client_write(c);
}

/* What is asked for makes no difference, only that all of it has been read. */
static bool
head_complete(struct client *c)
{
	const char *p = buf_cstr(&c->head);
	return c->head.n >= HEAD_MAX || memmem(p, c->head.n, "\r\n\r\n", 4) ||
	       memmem(p, c->head.n, "\n\n", 2);
}

static void
client_read(struct client *c)
{
	char octets[HEAD_MAX];
	ssize_t n = read(c->fd, octets, sizeof(octets));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		client_leave(c);
		return;
	}
	buf_add(&c->head, octets, (size_t)n);
	if (n == 0 || head_complete(c))
		client_answer(c);
}

static void
on_client(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct client *c = w->data;
	(void)loop, (void)events;
	if (c->answering)
		client_write(c);
	else
		client_read(c);
}

/* Who says nothing wants the text without being asked. */
static void
on_deadline(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct client *c = w->data;
	(void)events;
	if (c->answering) {
		client_leave(c);
		return;
	}
	ev_timer_set(w, HEAD_WAIT_S, 0.);
	ev_timer_start(loop, w);
	client_answer(c);
}

static void
client_enter(struct metrics_output *o, int fd)
{
	struct client *c = xcalloc(1, sizeof(*c));
	c->o = o;
	c->fd = fd;
	ev_io_init(&c->io, on_client, fd, EV_READ);
	ev_timer_init(&c->deadline, on_deadline, HEAD_WAIT_S, 0.);
	c->io.data = c->deadline.data = c;
	ev_io_start(o->loop, &c->io);
	ev_timer_start(o->loop, &c->deadline);
	DL_APPEND(o->clients, c);
	if (++o->nclients == CLIENTS_MAX)
		ev_io_stop(o->loop, &o->readable);
}

static void
on_pause_over(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct metrics_output *o = w->data;
	(void)events;
	if (o->nclients < CLIENTS_MAX)
		ev_io_start(loop, &o->readable);
}

static void
on_connect(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct metrics_output *o = w->data;
	(void)events;
	int fd = accept4(o->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		client_enter(o, fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
		ev_io_stop(loop, w);
		ev_timer_set(&o->timer, PAUSE_S, 0.);
		ev_timer_start(loop, &o->timer);
	}
}

static int
open_file(struct metrics_output *o)
{
	ev_timer_init(&o->timer, on_period, FILE_PERIOD_S, FILE_PERIOD_S);
	ev_timer_start(o->loop, &o->timer);
	return write_file(o);
}

static int
open_socket(struct metrics_output *o)
{
	ev_init(&o->timer, on_pause_over);
	o->fd = listen_unix(o->path);
	if (o->fd < 0)
		return -1;
	ev_io_init(&o->readable, on_connect, o->fd, EV_READ);
	o->readable.data = o;
	ev_io_start(o->loop, &o->readable);
	return 0;
}

static void
release(struct metrics_output *o)
{
	while (o->clients)
		client_leave(o->clients);
	if (o->fd >= 0) {
		ev_io_stop(o->loop, &o->readable);
		close(o->fd);
	}
	ev_timer_stop(o->loop, &o->timer);
	free(o);
}

struct metrics_output *
metrics_output_new(struct ev_loop *loop, const char *where, const char *ingress)
{
	struct metrics_output *o = xcalloc(1, sizeof(*o));
	bool is_socket = str_starts(str_of(where), UNIX_PREFIX);
	*o = (struct metrics_output){.loop = loop,
		.path = is_socket ? where + UNIX_PREFIX.n : where,
		.ingress = ingress,
		.fd = -1};
	o->timer.data = o;
	if ((is_socket ? open_socket(o) : open_file(o)) == 0)
		return o;
	release(o);
	return NULL;
}

void
metrics_output_free(struct metrics_output *o)
{
	if (!o)
		return;
	if (o->fd < 0)
		(void)write_file(o);
	else
		(void)unlink(o->path);
	release(o);
}
