#include <stdlib.h>

#include "gzip.h"
#include "log.h"
#include "mem.h"
#include "tls_report_post.h"

#define MAX_URI 2048
#define TIMEOUT_MS 30000
#define TRIES 3

struct post {
	tls_report_posted *done;
	void *arg;
	char *domain, *uri;
	struct buf body;
};

bool
tls_report_postable(struct str uri)
{
	struct str rest = str_skip(uri, strlen("https://"));
	struct str host = str_cut(&rest, '/');
	if (!str_istarts(uri, STR("https://")) || uri.n > MAX_URI || host.n == 0 ||
		memchr(host.p, '@', host.n))
		return false;
	for (size_t i = 0; i < uri.n; i++)
		if (uri.p[i] <= ' ' || uri.p[i] > '~')
			return false;
	return true;
}

static void
log_outcome(const struct post *p, const struct http_response *r, bool taken)
{
	struct logline l;
	log_begin(&l, taken ? LOG_INFO : LOG_ERROR,
		taken ? "TLS report posted" : "TLS report refused");
	log_cstr(&l, "domain", p->domain);
	log_cstr(&l, "uri", p->uri);
	if (r->error)
		log_cstr(&l, "reason", r->error);
	else
		log_num(&l, "status", r->status);
	log_end(&l);
}

static void
on_answer(void *arg, const struct http_response *r)
{
	struct post *p = arg;
	bool taken = r->status / 100 == 2;
	log_outcome(p, r, taken);
	p->done(p->arg, taken);
	buf_release(&p->body);
	free(p->domain);
	free(p->uri);
	free(p);
}

void
tls_report_post(struct http *http, const struct tls_report *r, struct str uri,
	tls_report_posted *done, void *arg)
{
	static const char *const headers[] = {"Content-Type: application/tlsrpt+gzip", NULL};
	struct post *p = xcalloc(1, sizeof(*p));
	json_t *json = tls_report_json(r);
	char *text = json_dumps(json, JSON_COMPACT);
	*p = (struct post){
		.done = done, .arg = arg, .domain = xstrdup(r->domain), .uri = str_dup(uri)};
	gzip_compress(&p->body, str_of(text ? text : "{}"));
	http_send(http,
		&(struct http_request){.method = "POST",
			.url = p->uri,
			.headers = headers,
			.body = buf_str(&p->body),
			.timeout_ms = TIMEOUT_MS,
			.tries = TRIES},
		on_answer, p);
	free(text);
	json_decref(json);
}
