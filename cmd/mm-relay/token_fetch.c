#include <netinet/in.h>
#include <stdlib.h>

#include "clock.h"
#include "exchangers.h"
#include "mem.h"
#include "token_fetch.h"
#include "token_request.h"
#include "web_host.h"
#include "wipe.h"

#define FETCH_MS 10000 /* for one try */
#define TRIES 2

struct token_fetch {
	struct http *http;
	struct dns *dns;
	const struct token_grant *grant;
	char *url, *host;
	int port;
	struct buf body;
	token_fetched *done;
	void *arg;
	struct web_host *lookup;
	struct http_task *request;
	struct ev_loop *loop;
	struct ev_timer timer; /* when there is nothing to send */
};

static void
release(struct token_fetch *f)
{
	wipe_buf(&f->body);
	free(f->url);
	free(f->host);
	free(f);
}

void
token_fetch_cancel(struct token_fetch *f)
{
	if (f->lookup)
		web_host_cancel(f->lookup);
	if (f->request)
		http_cancel(f->request);
	ev_timer_stop(f->loop, &f->timer);
	release(f);
}

static void
give(struct token_fetch *f, struct token_answer *a)
{
	token_fetched *done = f->done;
	void *arg = f->arg;
	if (a->error && token_request_betrayed(f->grant, buf_cstr(&f->body), a->error)) {
		wipe_str(a->error);
		a->error = xstrdup("the token endpoint answers an error with the secret in it");
	}
	release(f);
	done(arg, a);
	token_answer_release(a);
}

static void
fail(struct token_fetch *f, const char *why, const char *detail)
{
	struct token_answer a = {.error = xasprintf("%s: %s", why, detail)};
	give(f, &a);
}

static void
on_answer(void *arg, const struct http_response *r)
{
	struct token_fetch *f = arg;
	struct token_answer a;
	if (r->status == 0) {
		fail(f, "the token endpoint does not answer", r->error);
		return;
	}
	(void)token_answer_read(&a, r->status, r->body);
	give(f, &a);
}

static void
post(struct token_fetch *f, const char *connect_to, const char *resolve)
{
	static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
		"Accept: application/json", NULL};
	struct http_request rq = {.method = "POST",
		.url = f->url,
		.headers = headers,
		.connect_to = connect_to,
		.resolve = resolve,
		.body = buf_str(&f->body),
		.timeout_ms = FETCH_MS,
		.tries = TRIES,
		.max_response = TOKEN_ANSWER_MAX,
		.confidential = true};
	f->request = http_send(f->http, &rq, on_answer, f);
}

static void
on_found(void *arg, const char *resolve, const char *why)
{
	struct token_fetch *f = arg;
	f->lookup = NULL;
	if (resolve)
		post(f, NULL, resolve);
	else
		fail(f, "the token endpoint has no address", why);
}

static void
post_to_localhost(struct token_fetch *f)
{
	char *resolve = xasprintf("%s:%d:127.0.0.1,::1", f->host, f->port);
	post(f, NULL, resolve);
	free(resolve);
}

static void
post_to_address(struct token_fetch *f, const struct ip *ip)
{
	bool six = ip->family == AF_INET6;
	char *host = xasprintf("%s%s%s", six ? "[" : "", f->host, six ? "]" : "");
	char *to = xasprintf("%s:%d:%s:%d", host, f->port, host, f->port);
	post(f, to, NULL);
	free(host);
	free(to);
}

static void
on_no_request(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop, (void)events;
	fail(w->data, "the token endpoint is not asked", "OpenSSL cannot sign the assertion");
}

struct token_fetch *
token_fetch_start(struct ev_loop *loop, struct http *http, struct dns *dns,
	const struct token_grant *g, token_fetched *done, void *arg)
{
	struct token_fetch *f = xcalloc(1, sizeof(*f));
	struct ip ip;
	f->loop = loop;
	f->http = http;
	f->grant = g;
	f->dns = dns;
	f->url = xstrdup(g->endpoint);
	f->host = xstrdup(g->host);
	f->port = g->port;
	f->done = done;
	f->arg = arg;
	ev_timer_init(&f->timer, on_no_request, 0., 0.);
	f->timer.data = f;
	if (token_request_make(&f->body, g, clock_now_ms() / 1000) < 0)
		ev_timer_start(loop, &f->timer);
	else if (ip_parse(str_of(f->host), &ip) == 0)
		post_to_address(f, &ip);
	else if (exchanger_is_literal(f->host))
		post_to_localhost(f);
	else
		f->lookup = web_host_ask(dns, f->host, f->port, on_found, f);
	return f;
}
