/* rspamd's HTTP protocol: the message as body of POST /checkv2, the envelope in
 * header fields (rspamd.com, "Rspamd HTTP protocol"). */
#include <stdio.h>
#include <stdlib.h>

#include "address.h"
#include "http.h"
#include "log.h"
#include "mem.h"
#include "rspamd_answer.h"

#define DEFAULT_URL "http://127.0.0.1:11333"
#define MAX_RECIPIENTS 1000

struct rspamd {
	struct http *http;
	char *url;
	const struct scan_settings *settings;
};

static void *
rspamd_open(struct ev_loop *loop, const struct scan_settings *settings)
{
	const char *url = settings->url ? settings->url : DEFAULT_URL;
	const char *path = settings->socket;
	if (!str_starts(str_of(url), STR("http://")) &&
		!str_starts(str_of(url), STR("https://"))) {
		log_error("--url %s: expected a URL such as " DEFAULT_URL, url);
		return NULL;
	}
	if (path && (*path != '/' || strlen(path) > 107)) {
		log_error("--socket %s: expected the absolute path of a socket", path);
		return NULL;
	}
	struct http *http = http_new(loop, (unsigned)settings->parallel);
	if (!http)
		return NULL;
	struct rspamd *r = xcalloc(1, sizeof(*r));
	r->http = http;
	r->settings = settings;
	struct str base = str_of(url);
	while (str_ends(base, STR("/")))
		base.n--;
	r->url = xasprintf("%.*s/checkv2", STR_ARG(base));
	return r;
}

static void
rspamd_close(void *state)
{
	struct rspamd *r = state;
	http_free(r->http);
	free(r->url);
	free(r);
}

struct fields {
	const char *list[MAX_RECIPIENTS + 10];
	size_t n;
};

/* Field values hold no control characters; of text that is not ASCII the octets are
 * sent, as rspamd takes them. */
static void
add(struct fields *f, const char *name, struct str value)
{
	if (value.n)
		f->list[f->n++] = xasprintf("%s: %.*s", name, STR_ARG(value));
}

static struct str
address_of(struct str value)
{
	struct path path;
	return value.p && path_parse(value, &path) == 0 ? path.address : STR_NONE;
}

static void
add_envelope(struct fields *f, const struct record *rec)
{
	struct str value, from = record_get(rec, "mail-from");
	size_t at = 0;
	add(f, "Queue-Id", record_get(rec, "id"));
	add(f, "IP", record_get(rec, "client-ip"));
	add(f, "Helo", record_get(rec, "helo"));
	add(f, "Hostname", record_get(rec, "client-name"));
	add(f, "User", record_get(rec, "auth-user"));
	add(f, "From", str_starts(from, STR("<>")) ? STR("<>") : address_of(from));
	for (int n = 0; n < MAX_RECIPIENTS && record_next(rec, "rcpt-to", &at, &value); n++)
		add(f, "Rcpt", address_of(value));
	add(f, "Content-Type", STR("application/octet-stream"));
	f->list[f->n] = NULL;
}

static void
give_up(struct scan *s, const char *where, const char *why)
{
	char reason[500];
	(void)snprintf(reason, sizeof(reason), "rspamd%s%s: %s", where ? " at " : "",
		where ? where : "", why);
	scan_finish(s, SCAN_PROCESSING_FAILED, reason);
}

static void
found_number(struct scan *s, const char *field, double value)
{
	char text[64];
	(void)snprintf(text, sizeof(text), "%.2f", value);
	scan_found(s, field, str_of(text));
}

static void
write_answer(struct scan *s, const struct rspamd_answer *a)
{
	found_number(s, "score", a->score);
	found_number(s, "required_score", a->required);
	scan_found(s, "action", str_of(a->action));
	for (size_t i = 0; i < a->nsymbols; i++) {
		char text[256];
		(void)snprintf(
			text, sizeof(text), "%s %.2f", a->symbols[i].name, a->symbols[i].score);
		scan_found(s, "symbol", str_of(text));
	}
}

static void
take_answer(struct scan *s, struct str body)
{
	struct rspamd_answer a;
	const char *why;
	if (rspamd_answer_parse(&a, body, &why) < 0) {
		give_up(s, NULL, why);
		return;
	}
	enum scan_verdict verdict = rspamd_verdict(a.action);
	write_answer(s, &a);
	rspamd_answer_release(&a);
	scan_finish(s, verdict, NULL);
}

struct job {
	struct scan *scan;
	const char *socket;
};

static void
on_answer(void *arg, const struct http_response *r)
{
	struct job *j = arg;
	struct scan *s = j->scan;
	const char *socket = j->socket;
	char text[64];
	(void)snprintf(text, sizeof(text), "answered HTTP %ld", r->status);
	free(j);
	/* libcurl names the host of the URL even where a socket takes its place. */
	if (r->status == 0)
		give_up(s, socket, r->error);
	else if (r->status != 200)
		give_up(s, NULL, text);
	else
		take_answer(s, r->body);
}

static void
rspamd_start(void *state, struct scan *s)
{
	struct rspamd *r = state;
	struct fields f = {.n = 0};
	struct job *j = xcalloc(1, sizeof(*j));
	j->scan = s;
	j->socket = r->settings->socket;
	add_envelope(&f, s->rec);
	const struct http_request rq = {.method = "POST",
		.url = r->url,
		.unix_socket = r->settings->socket,
		.headers = f.list,
		.body = str_n(s->rec->body->p, s->rec->body->n),
		.timeout_ms = r->settings->timeout_ms};
	http_send(r->http, &rq, on_answer, j);
	for (size_t i = 0; i < f.n; i++)
		free((void *)(uintptr_t)f.list[i]);
}

const struct analyser analyser_rspamd = {
	.name = "rspamd",
	.keeps_time = true,
	.parallel = 16,
	.timeout_ms = 60000,
	.open = rspamd_open,
	.start = rspamd_start,
	.close = rspamd_close,
};
