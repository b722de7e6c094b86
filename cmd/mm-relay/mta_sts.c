#include <stdlib.h>
#include <utlist.h>

#include "buf.h"
#include "clock.h"
#include "http.h"
#include "log.h"
#include "mem.h"
#include "mta_sts.h"
#include "mta_sts_cache.h"
#include "web_host.h"

#define MAX_FETCHES 16
#define FETCH_MS 20000
#define DAY_MS 86400000 /* a policy as old is fetched again, though its id is the same */

struct mta_sts {
	struct dns *dns;
	struct http *http;
	struct sts_cache *cache;
	int port;
	struct sts_lookup *lookups;
};

struct sts_lookup {
	struct mta_sts *owner;
	char *domain, *host; /* mta-sts.DOMAIN */
	char id[STS_ID_SIZE];
	sts_done *done; /* NULL: cancelled while the fetch goes on */
	void *arg;
	struct dns_query *query;
	struct web_host *web_host;
	bool fetching;
	struct sts_lookup *prev, *next;
};

struct mta_sts *
mta_sts_new(struct ev_loop *loop, struct dns *dns, const char *state, int port)
{
	struct mta_sts *m = xcalloc(1, sizeof(*m));
	m->dns = dns;
	m->port = port;
	m->cache = sts_cache_new(state);
	m->http = m->cache ? http_new(loop, MAX_FETCHES) : NULL;
	if (m->http)
		return m;
	if (m->cache)
		sts_cache_free(m->cache);
	free(m);
	return NULL;
}

static void
free_lookup(struct sts_lookup *q)
{
	if (q->query)
		dns_cancel(q->query);
	if (q->web_host)
		web_host_cancel(q->web_host);
	DL_DELETE(q->owner->lookups, q);
	free(q->domain);
	free(q->host);
	free(q);
}

void
mta_sts_cancel(struct sts_lookup *q)
{
	q->done = NULL;
	if (!q->fetching)
		free_lookup(q);
}

void
mta_sts_free(struct mta_sts *m)
{
	struct sts_lookup *q, *tmp;
	http_free(m->http);
	DL_FOREACH_SAFE(m->lookups, q, tmp)
	{
		free_lookup(q);
	}
	sts_cache_free(m->cache);
	free(m);
}

/* With what is known, perhaps from before: a policy holds until it expires, whatever
 * DNS and the policy host say now. */
static void
give(struct sts_lookup *q, const char *problem, const char *why)
{
	const struct sts_entry *e = sts_cache_get(q->owner->cache, q->domain, clock_now_ms());
	sts_done *done = q->done;
	void *arg = q->arg;
	if (done)
		done(arg, e ? &e->policy : NULL, problem, why);
	free_lookup(q);
}

static void
fetch_failed(struct sts_lookup *q, const char *problem, const char *why)
{
	struct logline l;
	log_begin(&l, LOG_WARN, "no MTA-STS policy");
	log_cstr(&l, "domain", q->domain);
	log_cstr(&l, "reason", why);
	log_end(&l);
	give(q, problem, why);
}

/* RFC 8461 section 3.3: 200, no redirect, text/plain. */
static const char *
judge(const struct http_response *r)
{
	struct str type = http_header(r, "Content-Type");
	if (r->status == 0)
		return r->error;
	if (r->status != 200)
		return "the policy host does not answer 200";
	if (!str_ieq(str_trim(str_cut(&type, ';')), STR("text/plain")))
		return "the policy is not text/plain";
	return NULL;
}

static void
on_fetched(void *arg, const struct http_response *r)
{
	struct sts_lookup *q = arg;
	struct sts_policy policy;
	q->fetching = false;
	const char *wrong = judge(r);
	if (wrong) {
		fetch_failed(q, "sts-policy-fetch-error", wrong);
		return;
	}
	wrong = sts_policy_read(&policy, r->body);
	if (wrong) {
		fetch_failed(q, "sts-policy-invalid", wrong);
		return;
	}
	sts_policy_release(&policy);
	(void)sts_cache_put(q->owner->cache, q->domain, q->id, r->body, clock_now_ms());
	give(q, NULL, NULL);
}

static void
fetch(struct sts_lookup *q, const char *resolve)
{
	char *url = xasprintf("https://%s/.well-known/mta-sts.txt", q->host);
	char *to = xasprintf("%s:443:%s:%d", q->host, q->host, q->owner->port);
	struct http_request rq = {.method = "GET",
		.url = url,
		.connect_to = to,
		.resolve = resolve,
		.timeout_ms = FETCH_MS};
	q->fetching = true;
	http_send(q->owner->http, &rq, on_fetched, q);
	free(url);
	free(to);
}

static void
on_found(void *arg, const char *resolve, const char *why)
{
	struct sts_lookup *q = arg;
	(void)why;
	q->web_host = NULL;
	if (resolve)
		fetch(q, resolve);
	else
		fetch_failed(q, "sts-policy-fetch-error", "the policy host has no address");
}

/* RFC 8461 section 3.1: exactly one record, with an id. */
static bool
read_record(struct sts_lookup *q, const struct dns_answer *a)
{
	struct buf txt = {0};
	size_t found = 0;
	bool good = false;
	for (size_t i = 0; i < a->n; i++) {
		buf_reset(&txt);
		if (dns_rdata_txt(a->rdata[i], &txt) < 0 || !sts_record_is(buf_str(&txt)))
			continue;
		found++;
		good = sts_record_id(buf_str(&txt), q->id) == 0;
	}
	buf_release(&txt);
	return found == 1 && good;
}

static bool
fresh(const struct sts_entry *e, const char *id, int64_t now_ms)
{
	int64_t half = (e->expires_ms - e->fetched_ms) / 2;
	return strcmp(e->id, id) == 0 &&
	       now_ms - e->fetched_ms < (half < DAY_MS ? half : DAY_MS);
}

static void
on_txt(void *arg, const struct dns_answer *a)
{
	struct sts_lookup *q = arg;
	int64_t now = clock_now_ms();
	const struct sts_entry *e = sts_cache_get(q->owner->cache, q->domain, now);
	q->query = NULL;
	if (!read_record(q, a) || (e && fresh(e, q->id, now)))
		give(q, NULL, NULL);
	else
		q->web_host = web_host_ask(q->owner->dns, q->host, q->owner->port, on_found, q);
}

struct sts_lookup *
mta_sts_ask(struct mta_sts *m, const char *domain, sts_done *done, void *arg)
{
	struct sts_lookup *q = xcalloc(1, sizeof(*q));
	char *name = xasprintf("_mta-sts.%s", domain);
	q->owner = m;
	q->domain = xstrdup(domain);
	q->host = xasprintf("mta-sts.%s", domain);
	q->done = done;
	q->arg = arg;
	DL_APPEND(m->lookups, q);
	q->query = dns_ask(m->dns, name, DNS_TXT, 0, on_txt, q);
	free(name);
	return q;
}
