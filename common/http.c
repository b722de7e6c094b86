#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

#include "http_impl.h"
#include "log.h"
#include "mem.h"

#define FIRST_PAUSE 0.2 /* seconds; each further one four times as long */

static void start_waiting(struct http *h);

static void
start(struct http_task *t)
{
	t->tries_left--;
	http_transfer_start(t);
	curl_multi_add_handle(t->http->multi, t->easy);
}

static void
finish(struct http_task *t, long status, CURLcode code)
{
	const char *why = t->too_large ? "the answer is too large"
			  : *t->error  ? t->error
				       : curl_easy_strerror(code);
	struct http *h = t->http;
	struct http_response r = {.status = status,
		.body = buf_str(&t->in),
		.headers = buf_str(&t->head),
		.error = status ? NULL : why};
	DL_DELETE(h->running, t);
	h->active--;
	t->done(t->arg, &r);
	http_task_free(t);
}

static void
on_ended(struct http_task *t, CURLcode code)
{
	long status = 0;
	if (code == CURLE_OK)
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	http_transfer_end(t);
	/* Where nobody listens, nobody will a second later. */
	bool worth = (status == 0 && code != CURLE_COULDNT_CONNECT && !t->too_large) ||
		     status == 429 || status >= 500;
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

void
http_collect(struct http *h)
{
	CURLMsg *m;
	int left;
	while ((m = curl_multi_info_read(h->multi, &left))) {
		struct http_task *t;
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
		struct http_task *t = h->waiting;
		DL_DELETE(h->waiting, t);
		DL_APPEND(h->running, t);
		h->active++;
		t->running = true;
		start(t);
	}
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
	http_loop_start(h);
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
add_header(struct http_task *t, const char *line)
{
	add_line(&t->headers, line);
}

/* Without this header libcurl 7.88 signs the hash of an empty body. */
static void
add_body_hash(struct http_task *t)
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

struct http_task *
http_send(struct http *h, const struct http_request *rq, http_done *done, void *arg)
{
	struct http_task *t = xcalloc(1, sizeof(*t));
	t->http = h;
	t->method = xstrdup(rq->method);
	t->url = xstrdup(rq->url);
	t->unix_socket = rq->unix_socket ? xstrdup(rq->unix_socket) : NULL;
	t->body = rq->body;
	t->timeout_ms = rq->timeout_ms;
	t->max_response = rq->max_response ? rq->max_response : HTTP_MAX_RESPONSE;
	t->confidential = rq->confidential;
	t->tries_left = rq->tries ? rq->tries : 1;
	t->pause = FIRST_PAUSE;
	t->done = done;
	t->arg = arg;
	ev_init(&t->timer, on_pause_over);
	t->timer.data = t;
	if (rq->connect_to)
		add_line(&t->connect_to, rq->connect_to);
	if (rq->resolve)
		add_line(&t->resolve, rq->resolve);
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
	return t;
}

void
http_cancel(struct http_task *t)
{
	struct http *h = t->http;
	if (t->running) {
		DL_DELETE(h->running, t);
		h->active--;
	} else {
		DL_DELETE(h->waiting, t);
	}
	http_task_free(t);
	start_waiting(h);
}

void
http_free(struct http *h)
{
	struct http_task *t, *tmp;
	DL_FOREACH_SAFE(h->waiting, t, tmp)
	http_task_free(t);
	DL_FOREACH_SAFE(h->running, t, tmp)
	http_task_free(t);
	curl_multi_cleanup(h->multi);
	http_loop_stop(h);
	free(h);
	curl_global_cleanup();
}
