#include <curl/curl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

#include "http.h"
#include "log.h"
#include "mem.h"

#define FIRST_PAUSE 0.2 /* seconds; each further one four times as long */
#define CONNECT_TIMEOUT_MS 10000
#define MAX_HEADERS 65536

struct task {
	struct http *http;
	char *method, *url, *unix_socket, *sigv4, *access_key, *secret_key;
	struct curl_slist *headers, *connect_to;
	struct str body;
	int64_t timeout_ms;
	unsigned tries_left;
	double pause;
	http_done *done;
	void *arg;

	CURL *easy; /* while running */
	struct buf in, head;
	char error[CURL_ERROR_SIZE];
	struct ev_timer timer; /* the pause before another try */
	struct task *prev, *next;
};

struct socket_watch {
	struct ev_io io;
	struct http *http;
	curl_socket_t fd;
	struct socket_watch *prev, *next;
};

struct http {
	struct ev_loop *loop;
	CURLM *multi;
	struct ev_timer timer;
	unsigned active, max_active;
	struct task *waiting, *running; /* running: also those in a pause */
	struct socket_watch *sockets;
};

static void start_waiting(struct http *h);

static size_t
keep(struct buf *b, const char *p, size_t n, size_t limit)
{
	if (b->n + n > limit)
		return 0; /* libcurl then ends the transfer */
	buf_add(b, p, n);
	return n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct task *t = arg;
	return keep(&t->in, p, size * n, HTTP_MAX_RESPONSE);
}

static size_t
on_head(char *p, size_t size, size_t n, void *arg)
{
	struct task *t = arg;
	return keep(&t->head, p, size * n, MAX_HEADERS);
}

static void
free_task(struct task *t)
{
	ev_timer_stop(t->http->loop, &t->timer);
	if (t->easy) {
		curl_multi_remove_handle(t->http->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->connect_to);
	buf_release(&t->in);
	buf_release(&t->head);
	free(t->method);
	free(t->url);
	free(t->unix_socket);
	free(t->sigv4);
	free(t->access_key);
	free(t->secret_key);
	free(t);
}

static void
set_options(struct task *t)
{
	CURL *e = t->easy;
	const char *ca_file = getenv("SSL_CERT_FILE");
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_URL, t->url);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_POSTFIELDS, t->body.p ? t->body.p : "");
	curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.n);
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, t->method);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "mm");
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)t->timeout_ms);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	if (ca_file)
		curl_easy_setopt(e, CURLOPT_CAINFO, ca_file);
	if (t->unix_socket)
		curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, t->unix_socket);
	if (t->connect_to) {
		curl_easy_setopt(e, CURLOPT_CONNECT_TO, t->connect_to);
		curl_easy_setopt(e, CURLOPT_PROXY, "");
	}
	if (t->sigv4) {
		curl_easy_setopt(e, CURLOPT_AWS_SIGV4, t->sigv4);
		curl_easy_setopt(e, CURLOPT_USERNAME, t->access_key);
		curl_easy_setopt(e, CURLOPT_PASSWORD, t->secret_key);
	}
}

static void
start(struct task *t)
{
	buf_reset(&t->in);
	buf_reset(&t->head);
	t->error[0] = '\0';
	t->tries_left--;
	t->easy = curl_easy_init();
	if (!t->easy)
		log_die(75, "libcurl cannot make a handle");
	set_options(t);
	curl_multi_add_handle(t->http->multi, t->easy);
}

static void
finish(struct task *t, long status, CURLcode code)
{
	const char *why = *t->error ? t->error : curl_easy_strerror(code);
	struct http *h = t->http;
	struct http_response r = {.status = status,
		.body = buf_str(&t->in),
		.headers = buf_str(&t->head),
		.error = status ? NULL : why};
	DL_DELETE(h->running, t);
	h->active--;
	t->done(t->arg, &r);
	free_task(t);
}

static void
on_ended(struct task *t, CURLcode code)
{
	long status = 0;
	if (code == CURLE_OK)
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_multi_remove_handle(t->http->multi, t->easy);
	curl_easy_cleanup(t->easy);
	t->easy = NULL;
	/* Where nobody listens, nobody will a second later. */
	bool worth = (status == 0 && code != CURLE_COULDNT_CONNECT) || status == 429 ||
		     status >= 500;
	if (worth && t->tries_left > 0) {
		ev_timer_set(&t->timer, t->pause, 0.);
		ev_timer_start(t->http->loop, &t->timer);
		t->pause *= 4;
	} else {
		finish(t, status, code);
	}
}

static void
on_pause_over(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop, (void)events;
	start(w->data);
}

static void
collect(struct http *h)
{
	CURLMsg *m;
	int left;
	while ((m = curl_multi_info_read(h->multi, &left))) {
		struct task *t;
		if (m->msg != CURLMSG_DONE)
			continue;
		CURLcode code = m->data.result;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		on_ended(t, code);
	}
	start_waiting(h);
}

static void
start_waiting(struct http *h)
{
	while (h->waiting && h->active < h->max_active) {
		struct task *t = h->waiting;
		DL_DELETE(h->waiting, t);
		DL_APPEND(h->running, t);
		h->active++;
		start(t);
	}
}

static void
on_socket(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct socket_watch *s = w->data;
	struct http *h = s->http;
	int running, mask = (events & EV_READ ? CURL_CSELECT_IN : 0) |
			    (events & EV_WRITE ? CURL_CSELECT_OUT : 0);
	(void)loop;
	curl_multi_socket_action(h->multi, s->fd, mask, &running);
	collect(h);
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
	collect(h);
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

struct http *
http_new(struct ev_loop *loop, unsigned max_active)
{
	struct http *h = xcalloc(1, sizeof(*h));
	h->loop = loop;
	h->max_active = max_active;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !(h->multi = curl_multi_init())) {
		log_error("cannot start libcurl");
		free(h);
		return NULL;
	}
	ev_init(&h->timer, on_timer);
	h->timer.data = h;
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)max_active);
	return h;
}

static void
add_line(struct curl_slist **list, const char *line)
{
	*list = curl_slist_append(*list, line);
	if (!*list)
		log_die(75, "out of memory");
}

static void
add_header(struct task *t, const char *line)
{
	add_line(&t->headers, line);
}

/* Without this header libcurl 7.88 signs the hash of an empty body. */
static void
add_body_hash(struct task *t)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	char line[32 + 2 * EVP_MAX_MD_SIZE];
	unsigned n = 0;
	EVP_Digest(t->body.p ? t->body.p : "", t->body.n, hash, &n, EVP_sha256(), NULL);
	int at = snprintf(line, sizeof(line), "x-amz-content-sha256: ");
	for (unsigned i = 0; i < n; i++)
		at += snprintf(line + at, sizeof(line) - (size_t)at, "%02x", hash[i]);
	add_header(t, line);
}

void
http_send(struct http *h, const struct http_request *rq, http_done *done, void *arg)
{
	struct task *t = xcalloc(1, sizeof(*t));
	t->http = h;
	t->method = xstrdup(rq->method);
	t->url = xstrdup(rq->url);
	t->unix_socket = rq->unix_socket ? xstrdup(rq->unix_socket) : NULL;
	t->body = rq->body;
	t->timeout_ms = rq->timeout_ms;
	t->tries_left = rq->tries ? rq->tries : 1;
	t->pause = FIRST_PAUSE;
	t->done = done;
	t->arg = arg;
	ev_init(&t->timer, on_pause_over);
	t->timer.data = t;
	if (rq->connect_to)
		add_line(&t->connect_to, rq->connect_to);
	for (const char *const *line = rq->headers; line && *line; line++)
		add_header(t, *line);
	if (rq->sigv4) {
		t->sigv4 = xstrdup(rq->sigv4);
		t->access_key = xstrdup(rq->access_key);
		t->secret_key = xstrdup(rq->secret_key);
		add_body_hash(t);
	} else {
		add_header(t, "Expect:"); /* which libcurl would sign, but not send */
	}
	DL_APPEND(h->waiting, t);
	start_waiting(h);
}

void
http_free(struct http *h)
{
	struct task *t, *tmp;
	struct socket_watch *s, *next;
	DL_FOREACH_SAFE(h->waiting, t, tmp)
	free_task(t);
	DL_FOREACH_SAFE(h->running, t, tmp)
	free_task(t);
	curl_multi_cleanup(h->multi);
	DL_FOREACH_SAFE(h->sockets, s, next)
	drop_watch(s);
	ev_timer_stop(h->loop, &h->timer);
	free(h);
	curl_global_cleanup();
}

struct str
http_header(const struct http_response *r, const char *name)
{
	for (struct str rest = r->headers; rest.n;) {
		struct str value = str_cut(&rest, '\n'), key = str_cut(&value, ':');
		if (value.p && str_ieq(str_trim(key), str_of(name)))
			return str_trim(value);
	}
	return STR_NONE;
}

void
http_escape(struct buf *out, struct str s, const char *also)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c != '\0' && (strchr(plain, c) || strchr(also, c)))
			buf_addc(out, c);
		else
			buf_addf(out, "%%%02X", (unsigned char)c);
	}
}
