#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "inherited.h"
#include "io.h"
#include "listen.h"
#include "log.h"
#include "mem.h"
#include "privileges.h"
#include "sockets.h"

/* NULL when it is no unix socket. */
static char *
path_of(int fd)
{
	struct sockaddr_un sun = {0};
	socklen_t len = sizeof(sun);
	if (getsockname(fd, (struct sockaddr *)&sun, &len) < 0 || sun.sun_family != AF_UNIX)
		return NULL;
	size_t n = len > sizeof(sun) ? sizeof(sun.sun_path)
				     : len - offsetof(struct sockaddr_un, sun_path);
	if (n > 0 && sun.sun_path[0] == '\0')
		return xasprintf("@%.*s", (int)n - 1, sun.sun_path + 1);
	return xasprintf("%.*s", (int)n, sun.sun_path);
}

static void
add(struct sockets *s, int fd, const struct listen_spec *spec)
{
	struct peer p;
	peer_of_socket(&p, fd);
	s->v = xrealloc(s->v, (s->n + 1) * sizeof(*s->v));
	s->v[s->n++] = (struct socket){.fd = fd,
		.bound = p.server,
		.path = path_of(fd),
		.ours = spec->kind == LISTEN_UNIX,
		.tls_wrapped = spec->tls_wrapped};
}

static int
add_inherited(struct sockets *s, int fd, const struct listen_spec *spec)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].fd == fd) {
			log_error("cannot listen on fd:%d: expected it once", fd);
			return -1;
		}
	}
	if (inherited_take(fd) < 0)
		return -1;
	add(s, fd, spec);
	return 0;
}

static int
add_systemd(struct sockets *s, const struct listen_spec *spec)
{
	int count = inherited_count();
	for (int i = 0; i < count; i++)
		if (add_inherited(s, INHERITED_FIRST + i, spec) < 0)
			return -1;
	return count < 0 ? -1 : 0;
}

static int
open_one(struct sockets *s, const struct listen_spec *spec)
{
	if (spec->kind == LISTEN_SYSTEMD)
		return add_systemd(s, spec);
	if (spec->kind == LISTEN_FD)
		return add_inherited(s, spec->fd, spec);
	int fd = spec->kind == LISTEN_UNIX ? listen_unix(spec->where) : listen_tcp(spec->where);
	if (fd < 0)
		return -1;
	add(s, fd, spec);
	return 0;
}

/* What was passed comes first: an own socket must not take the number of a descriptor
 * that was said to be open and is not. */
int
sockets_open(struct sockets *s, const struct config *cfg)
{
	for (int own = 0; own <= 1; own++) {
		for (size_t i = 0; i < cfg->nlisten; i++) {
			enum listen_kind k = cfg->listen[i].kind;
			if ((k == LISTEN_TCP || k == LISTEN_UNIX) != own)
				continue;
			if (open_one(s, &cfg->listen[i]) < 0)
				return -1;
		}
	}
	return cfg->user ? privileges_drop(cfg->user) : 0;
}

static void
log_socket(const struct socket *s)
{
	struct logline line;
	log_begin(&line, LOG_INFO, "listening");
	if (s->path) {
		log_cstr(&line, "unix", s->path);
	} else {
		log_cstr(&line, "addr", s->bound.text);
		log_num(&line, "port", s->bound.port);
	}
	if (s->tls_wrapped)
		log_cstr(&line, "tls-wrapped", "yes");
	log_end(&line);
}

static int
tell(const struct buf *lines, const struct config *cfg)
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
sockets_announce(const struct sockets *s, const struct config *cfg)
{
	struct buf lines = {0};
	for (size_t i = 0; i < s->n; i++) {
		const struct socket *one = &s->v[i];
		log_socket(one);
		if (one->path)
			buf_addf(&lines, "unix %s\n", one->path);
		else
			buf_addf(&lines, "%s %d\n", one->bound.text, one->bound.port);
	}
	int rc = tell(&lines, cfg);
	buf_release(&lines);
	return rc;
}

/* The path goes first: once nobody listens, it may be the next server's already. */
void
sockets_close(struct sockets *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct socket *one = &s->v[i];
		if (one->ours)
			(void)unlink(one->path);
		one->ours = false;
		if (one->fd >= 0)
			close(one->fd);
		one->fd = -1;
	}
}

void
sockets_disown(struct sockets *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->v[i].ours = false;
}

void
sockets_release(struct sockets *s)
{
	sockets_close(s);
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].path);
	free(s->v);
	*s = (struct sockets){0};
}
