#include <stdlib.h>
#include <string.h>
#include <unbound.h>
#include <unistd.h>
#include <uthash.h>
#include <utlist.h>

#include "buf.h"
#include "clock.h"
#include "dns.h"
#include "dns_cache.h"
#include "dns_context.h"
#include "dns_packet.h"
#include "mem.h"

#define DEFAULT_TIMEOUT_MS 10000
#define MAX_RDATA 512

struct dns {
	struct ev_loop *loop;
	struct ub_ctx *ub;
	int zone; /* the zone file as the library reads it, or -1 */
	struct ev_io readable;
	struct dns_question *questions; /* that are open */
	struct dns_query *queries;      /* that wait for no question */
	struct dns_cache *cache;
};

/* What the library has been asked, for all who wait for the same. */
struct dns_question {
	struct dns *dns;
	int id; /* of the library */
	bool answered;
	struct dns_query *queries;
	UT_hash_handle hh;
	char key[]; /* the type, then the name in lower case, with its NUL */
};

struct dns_query {
	struct dns *dns;
	dns_done *done;
	void *arg;
	struct dns_question *question; /* NULL: it cannot be asked */
	bool malformed;                /* no such name can exist */
	struct ev_timer timer;
	struct dns_query *prev, *next; /* in the list of the question, or of dns */
};

static void
on_readable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct dns *d = w->data;
	(void)loop, (void)events;
	(void)ub_process(d->ub);
}

struct dns *
dns_new(struct ev_loop *loop)
{
	struct dns *d = xcalloc(1, sizeof(*d));
	d->loop = loop;
	d->ub = dns_context(&d->zone);
	if (!d->ub) {
		free(d);
		return NULL;
	}
	ev_io_init(&d->readable, on_readable, ub_fd(d->ub), EV_READ);
	d->readable.data = d;
	ev_io_start(loop, &d->readable);
	return d;
}

static struct dns_query **
list_of(struct dns_query *q)
{
	return q->question ? &q->question->queries : &q->dns->queries;
}

static void
unlink_query(struct dns_query *q)
{
	ev_timer_stop(q->dns->loop, &q->timer);
	DL_DELETE(*list_of(q), q);
	free(q);
}

/* A question that nobody waits for any more is taken back. */
static void
leave(struct dns_query *q)
{
	struct dns_question *question = q->question;
	unlink_query(q);
	if (!question || question->answered || question->queries)
		return;
	HASH_DEL(question->dns->questions, question);
	ub_cancel(question->dns->ub, question->id);
	free(question);
}

static void
set_status(struct dns_answer *a, const struct ub_result *r)
{
	a->secure = r->secure;
	a->ttl = (uint32_t)(r->ttl > 0 ? r->ttl : 0);
	if (r->bogus) {
		a->status = DNS_BOGUS;
		a->why = "DNSSEC validation failed";
	} else if (r->rcode != 0 && r->rcode != 3) {
		a->status = DNS_TEMPFAIL;
		a->why = r->rcode == 2   ? "SERVFAIL"
			 : r->rcode == 5 ? "REFUSED"
					 : "server error";
	} else if (r->nxdomain) {
		a->status = DNS_NXDOMAIN;
		a->why = "NXDOMAIN";
	} else {
		a->status = r->havedata ? DNS_FOUND : DNS_NODATA;
		a->why = r->havedata ? "found" : "no data";
	}
}

/* The library gives up an answer of which one record has no octets. */
static void
read_packet(struct dns_answer *a, const struct ub_result *r, struct str *rdata)
{
	struct str packet = str_n(r->answer_packet, (size_t)r->answer_len);
	if (r->qtype != DNS_TXT || r->rcode != 2 || r->bogus)
		return;
	a->n = dns_packet_txt(packet, rdata, MAX_RDATA);
	if (a->n) {
		a->status = DNS_FOUND;
		a->why = "found";
	}
}

/* Whoever asks the same in answer asks anew. */
static void
give_all(struct dns_question *question, const struct dns_answer *answer)
{
	question->answered = true;
	HASH_DEL(question->dns->questions, question);
	while (question->queries) {
		struct dns_query *q = question->queries;
		dns_done *done = q->done;
		void *arg = q->arg;
		unlink_query(q);
		done(arg, answer);
	}
	free(question);
}

/* The name that has the data, if CNAMEs led to another than the one asked for. */
static const char *
canonical_name(const struct ub_result *r, char out[DNS_NAME_SIZE])
{
	struct str to = str_of(r->canonname), from = str_of(r->qname);
	to.n -= to.n && to.p[to.n - 1] == '.';
	from.n -= from.n && from.p[from.n - 1] == '.';
	return to.n && !str_ieq(to, from) && str_copy(to, out, DNS_NAME_SIZE) ? out : NULL;
}

static void
on_answer(void *arg, int err, struct ub_result *r)
{
	struct dns_question *q = arg;
	struct str rdata[MAX_RDATA];
	struct dns_answer a = {.rdata = rdata};
	char canonical[DNS_NAME_SIZE];
	if (err != 0 || !r) {
		a = (struct dns_answer){.status = DNS_TEMPFAIL, .why = ub_strerror(err)};
		give_all(q, &a);
		return;
	}
	set_status(&a, r);
	a.canonical = a.status == DNS_FOUND ? canonical_name(r, canonical) : NULL;
	if (a.status == DNS_FOUND)
		for (; a.n < MAX_RDATA && r->data[a.n]; a.n++)
			rdata[a.n] = str_n(r->data[a.n], (size_t)r->len[a.n]);
	else
		read_packet(&a, r, rdata);
	dns_cache_put(
		&q->dns->cache, q->key + 1, (enum dns_type)q->key[0], &a, clock_mono_ms());
	give_all(q, &a);
	ub_resolve_free(r);
}

static void
on_timeout(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct dns_query *q = w->data;
	dns_done *done = q->done;
	void *arg = q->arg;
	struct dns_answer a = {
		.status = DNS_TEMPFAIL, .why = q->question ? "timeout" : "cannot be asked"};
	(void)loop, (void)events;
	if (q->malformed)
		a = (struct dns_answer){.status = DNS_NXDOMAIN, .why = "no possible name"};
	leave(q);
	done(arg, &a);
}

/* The library reads names as zone files write them, where a backslash escapes.
 * False when there can be no such name. */
static bool
write_name(const char *name, struct buf *out)
{
	size_t label = 0, total = 0;
	if (strcmp(name, ".") == 0)
		name = "";
	for (const char *p = name; *p; p++) {
		if (*p == '.' && label == 0)
			return false;
		label = *p == '.' ? 0 : label + 1;
		if (label > 63 || ++total > 254)
			return false;
		if (*p == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *p);
	}
	if (total == 254 && label > 0)
		return false;
	if (label > 0 || total == 0)
		buf_addc(out, '.');
	return true;
}

static struct dns_question *
find_question(struct dns *d, const char *key, size_t n)
{
	struct dns_question *q = NULL;
	HASH_FIND(hh, d->questions, key, n, q);
	return q;
}

/* NULL when the library does not take it. */
static struct dns_question *
open_question(struct dns *d, struct str name, enum dns_type type)
{
	struct dns_question *q = xcalloc(1, sizeof(*q) + name.n + 2);
	struct buf text = {0};
	q->dns = d;
	q->key[0] = (char)type;
	for (size_t i = 0; i < name.n; i++)
		q->key[i + 1] = ascii_lower(name.p[i]);
	struct dns_question *same = find_question(d, q->key, name.n + 1);
	if (same) {
		free(q);
		return same;
	}
	(void)write_name(q->key + 1, &text);
	int rc = ub_resolve_async(d->ub, buf_cstr(&text), (int)type, 1, q, on_answer, &q->id);
	buf_release(&text);
	if (rc != 0) {
		free(q);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, d->questions, q->key, name.n + 1, q);
	return q;
}

struct dns_query *
dns_ask(struct dns *d, const char *name, enum dns_type type, int64_t timeout_ms, dns_done *done,
	void *arg)
{
	struct dns_query *q = xcalloc(1, sizeof(*q));
	struct buf ignored = {0};
	q->dns = d;
	q->done = done;
	q->arg = arg;
	q->malformed = !write_name(name, &ignored);
	buf_release(&ignored);
	if (!q->malformed)
		q->question = open_question(d, str_of(name), type);
	DL_APPEND(*list_of(q), q);
	double wait = (double)(timeout_ms ? timeout_ms : DEFAULT_TIMEOUT_MS) / 1000;
	ev_timer_init(&q->timer, on_timeout, q->question ? wait : 0., 0.);
	q->timer.data = q;
	ev_timer_start(d->loop, &q->timer);
	return q;
}

void
dns_cancel(struct dns_query *q)
{
	leave(q);
}

void
dns_free(struct dns *d)
{
	while (d->questions)
		leave(d->questions->queries);
	while (d->queries)
		leave(d->queries);
	ev_io_stop(d->loop, &d->readable);
	ub_ctx_delete(d->ub);
	if (d->zone >= 0)
		close(d->zone);
	dns_cache_free(&d->cache);
	free(d);
}

const struct dns_answer *
dns_known(struct dns *d, const char *name, enum dns_type type)
{
	return dns_cache_get(&d->cache, name, type, clock_mono_ms());
}
