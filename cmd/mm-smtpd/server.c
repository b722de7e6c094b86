#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "certificates.h"
#include "connection.h"
#include "descriptors.h"
#include "io.h"
#include "listener.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"
#include "metrics_output.h"
#include "server.h"

#define STOP_GRACE_S 30.
#define HANDLER_WINDOW_BYTES ((size_t)1 << 30) /* large ones are mapped files */

struct coproc *
server_policy(struct server *srv)
{
	struct coproc_options o = {.name = "policy",
		.argv = srv->cfg->policy,
		.timeout_ms = srv->cfg->policy_timeout_ms,
		.max_tries = 2};
	if (!srv->policy)
		srv->policy = coproc_new(srv->loop, &o);
	return srv->policy;
}

struct coproc *
server_handler(struct server *srv)
{
	struct coproc_options o = {.name = "handler",
		.argv = srv->cfg->handler,
		.timeout_ms = srv->cfg->handler_timeout_ms,
		.window_bytes = HANDLER_WINDOW_BYTES,
		.fields_only = true};
	if (!srv->handler)
		srv->handler = coproc_new(srv->loop, &o);
	return srv->handler;
}

void
server_settle(struct server *srv)
{
	bool last = srv->nlisteners == 0 || srv->stopping;
	if (last && !srv->connections && srv->deliveries == 0)
		ev_break(srv->loop, EVBREAK_ALL);
}

static void
turn_away(int fd, bool tls_wrapped, const struct peer *p, const char *why)
{
	struct logline l;
	static const char reply[] = LIMITS_TOO_MANY "\r\n";
	metrics_count(METRIC_TURNED_AWAY, why, NULL);
	if (!tls_wrapped) /* it would not be understood, and a handshake is work */
		(void)!write(fd, reply, sizeof(reply) - 1);
	close(fd);
	log_begin(&l, LOG_WARN, "turned-away");
	log_cstr(&l, "client-ip", p->client.text);
	log_cstr(&l, "why", why);
	log_end(&l);
}

/* Many clients come through those that speak for others. */
static size_t
most_from(const struct config *cfg, const struct ip *ip)
{
	bool others = networks_have(&cfg->proxies, ip) || networks_have(&cfg->xclients, ip);
	return others ? cfg->max_connections : cfg->max_per_address;
}

void
server_accept(struct server *srv, int fd, bool tls_wrapped)
{
	struct peer p;
	peer_of_socket(&p, fd);
	if (srv->limits.total >= srv->cfg->max_connections)
		turn_away(fd, tls_wrapped, &p, "max-connections");
	else if (!limits_enter(&srv->limits, &p.client.ip, most_from(srv->cfg, &p.client.ip)))
		turn_away(fd, tls_wrapped, &p, "max-per-address");
	else
		connection_open(srv, fd, fd, &p, tls_wrapped);
}

static void
stop_listening(struct server *srv)
{
	for (size_t i = 0; i < srv->nlisteners; i++)
		listener_stop(&srv->listeners[i]);
	sockets_close(&srv->sockets);
}

static void
on_grace_over(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct server *srv = w->data;
	(void)loop, (void)events;
	while (srv->connections)
		connection_cut(srv->connections, "stopped");
	ev_break(srv->loop, EVBREAK_ALL);
}

static void
on_stop(struct ev_loop *loop, struct ev_signal *w, int events)
{
	struct server *srv = w->data;
	(void)events;
	if (srv->stopping) {
		on_grace_over(loop, &srv->grace, 0);
		return;
	}
	log_info("stopping on signal %d", w->signum);
	srv->stopping = true;
	stop_listening(srv);
	connection_stop_all(srv->connections);
	ev_timer_start(srv->loop, &srv->grace);
	server_settle(srv);
}

static bool
reload(struct server *srv, const struct config *cfg)
{
	struct credentials credentials;
	SSL_CTX *tls;
	bool tls_read = certificates_load(&tls, cfg) == 0;
	if (tls_read) {
		SSL_CTX_free(srv->tls);
		srv->tls = tls;
	}
	bool credentials_read = credentials_load(&credentials, cfg) == 0;
	if (credentials_read) {
		credentials_release(&srv->credentials);
		srv->credentials = credentials;
	}
	return tls_read && credentials_read;
}

/* What cannot be read leaves the old in force; open sessions keep theirs.  Of the
 * ingress point, passwords and trust store are taken. */
static void
on_reload(struct ev_loop *loop, struct ev_signal *w, int events)
{
	struct server *srv = w->data;
	struct config fresh = *srv->cfg;
	struct certificate_files found = {0};
	bool good = true;
	(void)loop, (void)events;
	if (fresh.ingress_name)
		good = ingress_load(&fresh.ingress, fresh.site, fresh.ingress_name) == 0;
	if (fresh.certificates_of_site)
		certificate_files_find(&found, fresh.site, fresh.key);
	if (found.n)
		fresh.certificates = found;
	good = good && reload(srv, &fresh);
	certificate_files_release(&found);
	if (fresh.ingress_name)
		ingress_release(&fresh.ingress);
	if (good)
		log_info("certificates and credentials read again");
	else
		log_error("what could not be read again stays as it was");
}

int
server_check(const struct config *cfg)
{
	struct credentials credentials;
	SSL_CTX *tls;
	int rc = certificates_load(&tls, cfg);
	if (rc == 0)
		SSL_CTX_free(tls);
	if (credentials_load(&credentials, cfg) < 0)
		return -1;
	credentials_release(&credentials);
	return rc;
}

static void
watch_signal(struct server *srv, struct ev_signal *w, int signum,
	void (*cb)(struct ev_loop *, struct ev_signal *, int))
{
	ev_signal_init(w, cb, signum);
	w->data = srv;
	ev_signal_start(srv->loop, w);
}

static int
server_init(struct server *srv, const struct config *cfg)
{
	srv->cfg = cfg;
	if (certificates_load(&srv->tls, cfg) < 0 ||
		credentials_load(&srv->credentials, cfg) < 0)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	srv->loop = ev_loop_new(EVFLAG_AUTO);
	if (!srv->loop) {
		log_error("cannot make an event loop");
		return -1;
	}
	srv->authenticator = authenticator_new(srv->loop);
	watch_signal(srv, &srv->term, SIGTERM, on_stop);
	watch_signal(srv, &srv->interrupt, SIGINT, on_stop);
	watch_signal(srv, &srv->hangup, SIGHUP, on_reload);
	ev_timer_init(&srv->grace, on_grace_over, STOP_GRACE_S, 0.);
	srv->grace.data = srv;
	return 0;
}

static void
server_release(struct server *srv)
{
	if (srv->handler)
		coproc_free(srv->handler);
	if (srv->policy)
		coproc_free(srv->policy);
	metrics_output_free(srv->metrics);
	authenticator_free(srv->authenticator);
	stop_listening(srv);
	sockets_release(&srv->sockets);
	free(srv->listeners);
	credentials_release(&srv->credentials);
	limits_release(&srv->limits);
	SSL_CTX_free(srv->tls);
	if (srv->loop)
		ev_loop_destroy(srv->loop);
	free(srv);
}

/* Each connection may have a spool file. */
static void
raise_file_limit(size_t connections)
{
	size_t wanted = 2 * connections + 64, allowed = descriptors_allow(wanted);
	if (allowed < wanted)
		log_warn("only %zu descriptors allowed; %zu connections need %zu", allowed,
			connections, wanted);
}

/* The socket is on descriptor 1 as well: closing it must be seen by the client
 * before the handler has ended too. */
static void
let_go_of_stdout(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0)
		close(fd);
}

static void
listen_on(struct server *srv)
{
	srv->listeners = xcalloc(srv->sockets.n, sizeof(*srv->listeners));
	for (; srv->nlisteners < srv->sockets.n; srv->nlisteners++)
		listener_start(&srv->listeners[srv->nlisteners], srv,
			&srv->sockets.v[srv->nlisteners]);
}

static int
start_filters(struct server *srv)
{
	const struct config *cfg = srv->cfg;
	if (cfg->metrics) {
		srv->metrics = metrics_output_new(srv->loop, cfg->metrics, cfg->ingress.name);
		if (!srv->metrics)
			return -1;
	}
	if (cfg->policy)
		(void)server_policy(srv);
	(void)server_handler(srv);
	return 0;
}

static void
serve_stdin(struct server *srv)
{
	struct peer p;
	peer_of_stdin(&p);
	if (p.socket)
		let_go_of_stdout();
	(void)limits_enter(&srv->limits, &p.client.ip, 1);
	connection_open(srv, STDIN_FILENO, p.socket ? STDIN_FILENO : STDOUT_FILENO, &p, false);
}

static int
start(struct server *srv)
{
	if (srv->cfg->nlisten == 0) {
		serve_stdin(srv);
		return 0;
	}
	if (start_filters(srv) < 0)
		return -1;
	listen_on(srv);
	return sockets_announce(&srv->sockets, srv->cfg);
}

int
server_run(const struct config *cfg)
{
	struct server *srv = xcalloc(1, sizeof(*srv));
	int status = EX_TEMPFAIL;
	raise_file_limit(cfg->nlisten ? cfg->max_connections : 1);
	srv->cfg = cfg;
	/* First of all, for as --user one can do less, and all that follows must be possible
	 * as that user again when it is reloaded. */
	if (sockets_open(&srv->sockets, cfg) == 0 && server_init(srv, cfg) == 0 &&
		start(srv) == 0) {
		if (srv->connections || srv->nlisteners)
			ev_run(srv->loop, 0);
		status = EX_OK;
	}
	server_release(srv);
	return status;
}

/* What comes while it is set up waits; the filters must not inherit that. */
static int
work(struct server *srv, const sigset_t *signals, int ready_fd)
{
	sigprocmask(SIG_SETMASK, signals, NULL);
	raise_file_limit(srv->cfg->max_connections);
	if (start_filters(srv) < 0)
		return EX_TEMPFAIL;
	listen_on(srv);
	if (ready_fd >= 0)
		close(ready_fd);
	ev_run(srv->loop, 0);
	return EX_OK;
}

int
server_work(const struct config *cfg, struct sockets *sockets, const sigset_t *signals,
	int ready_fd)
{
	struct server *srv = xcalloc(1, sizeof(*srv));
	int status = EX_TEMPFAIL;
	srv->sockets = *sockets;
	*sockets = (struct sockets){0};
	if (server_init(srv, cfg) == 0)
		status = work(srv, signals, ready_fd);
	server_release(srv);
	return status;
}
