#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "address.h"
#include "dkim_check.h"
#include "dmarc_details.h"
#include "dmarc_identify.h"
#include "evaluation.h"
#include "idn.h"
#include "mem.h"
#include "num.h"

struct evaluation {
	const struct evaluator *ev;
	struct record *rec;
	struct message msg;
	struct answers *answers;
	struct verdict v;

	bool has_ip;
	struct spf_query query;
	char *sender, *domain, *helo;
	struct spf_check *spf;
	struct dkim_check *dkim;
	struct dmarc_input dmarc;
	bool dmarc_ready;
};

static void advance(void *arg);

static void
finish(struct evaluation *e)
{
	struct record *rec = e->rec;
	if (e->spf)
		e->ev->spf->end(e->spf);
	if (e->dkim)
		dkim_end(e->dkim);
	dmarc_input_release(&e->dmarc);
	answers_free(e->answers);
	message_release(&e->msg);
	free(e->sender);
	free(e->domain);
	free(e->helo);
	e->ev->finished(e->ev->arg, rec, &e->v);
	verdict_release(&e->v);
	free(e);
}

/* local@domain out of a mail-from value, also of one that is no proper path: what
 * was let in is judged by the domain that it names. */
static bool
split_sender(struct str value, struct str *local, struct str *domain)
{
	struct path path;
	if (path_parse(value, &path) == 0) {
		*local = path.local;
		*domain = path.domain;
		return path.domain.p != NULL;
	}
	struct str inner = str_skip(value, str_starts(value, STR("<")));
	size_t end = inner.n;
	while (end > 0 && inner.p[end - 1] != '>')
		end--;
	inner.n = end ? end - 1 : inner.n;
	size_t at = inner.n;
	while (at > 0 && inner.p[at - 1] != '@')
		at--;
	*domain = str_skip(inner, at);
	*local = str_n(inner.p, at ? at - 1 : 0);
	return at > 0;
}

/* The identity of RFC 7208 section 2: MAIL FROM, or postmaster at the HELO name
 * for the null path.  Section 4.3: a sender without a local part is postmaster, a
 * name has A-labels. */
static void
choose_identity(struct evaluation *e)
{
	struct str value = record_get(e->rec, "mail-from"), local, domain;
	struct str helo = record_get(e->rec, "helo");
	e->helo = str_dup(helo.p ? helo : STR(""));
	if (!value.p || !split_sender(value, &local, &domain)) {
		local = STR("");
		domain = helo;
		e->v.spf_helo = helo.p != NULL;
	}
	if (domain_valid(domain))
		e->domain = idn_ascii(domain);
	if (!e->domain)
		return;
	if (local.n == 0)
		local = STR("postmaster");
	e->sender = xasprintf("%.*s@%s", STR_ARG(local), e->domain);
	if (!e->v.spf_domain)
		e->v.spf_domain = xstrdup(e->domain);
}

static void
start_spf(struct evaluation *e)
{
	choose_identity(e);
	/* Section 4.3: not a name of several labels, no result. */
	if (!e->has_ip || !e->v.spf_domain || !strchr(e->domain, '.')) {
		e->v.spf = AUTH_NONE;
		e->v.spf_known = true;
		return;
	}
	e->query.sender = e->sender;
	e->query.domain = e->domain;
	e->query.helo = e->helo;
	e->query.receiver = e->ev->receiver;
	e->spf = e->ev->spf->start(&e->query, e->answers);
}

static void
step_spf(struct evaluation *e)
{
	struct spf_outcome out = {0};
	if (e->v.spf_known || e->ev->spf->step(e->spf, &out) == STEP_WAIT)
		return;
	e->v.spf_known = true;
	e->v.spf = out.result;
	e->v.spf_reason = *out.reason ? xstrdup(out.reason) : NULL;
	e->v.spf_explanation = *out.explanation ? xstrdup(out.explanation) : NULL;
}

static void
take_dkim(struct verdict *v, const struct dkim_check *check)
{
	size_t n;
	const struct dkim_signature *s = dkim_results(check, &n);
	for (; v->ndkim < n && v->ndkim < VERDICT_MAX_DKIM; s++) {
		struct verdict_dkim *d = &v->dkim[v->ndkim++];
		d->result = s->result;
		d->domain = s->domain ? xstrdup(s->domain) : NULL;
		d->selector = s->selector ? xstrdup(s->selector) : NULL;
		d->reason = *s->reason ? xstrdup(s->reason) : NULL;
		memcpy(d->mark, s->mark, sizeof(d->mark));
	}
	v->dkim_known = true;
}

static void
step_dkim(struct evaluation *e)
{
	if (!e->v.dkim_known && dkim_step(e->dkim) == STEP_DONE)
		take_dkim(&e->v, e->dkim);
}

static void
take_dmarc(struct evaluation *e, const struct dmarc_outcome *out)
{
	struct verdict *v = &e->v;
	v->dmarc_known = true;
	v->dmarc = out->result;
	v->dmarc_policy = out->policy;
	v->dmarc_disposition = out->disposition;
	v->dmarc_domain = e->dmarc.author ? xstrdup(e->dmarc.author) : NULL;
	v->dmarc_reason = *out->reason ? xstrdup(out->reason) : NULL;
	verdict_take_details(v, out, e->answers, e->rec);
}

static void
step_dmarc(struct evaluation *e)
{
	struct verdict *v = &e->v;
	struct dmarc_outcome out;
	if (v->dmarc_known)
		return;
	if (!v->spf_known || !v->dkim_known) {
		dmarc_prepare(&e->dmarc, e->answers);
		return;
	}
	if (!e->dmarc_ready)
		dmarc_identify(&e->dmarc, v);
	e->dmarc_ready = true;
	if (dmarc_step(&e->dmarc, e->answers, &out) == STEP_DONE)
		take_dmarc(e, &out);
}

static void
step_iprev(struct evaluation *e)
{
	struct iprev_outcome out;
	struct str name = record_get(e->rec, "client-name");
	if (e->v.iprev_known || !e->has_ip)
		return;
	if (name.n) { /* whoever accepted the connection has checked it */
		e->v.iprev = AUTH_PASS;
		e->v.iprev_name = str_dup(name);
	} else if (iprev_step(&e->query.ip, e->answers, &out) == STEP_DONE) {
		e->v.iprev = out.result;
		e->v.iprev_name = *out.name ? xstrdup(out.name) : NULL;
	} else {
		return;
	}
	e->v.iprev_known = true;
}

static bool
complete(const struct evaluation *e)
{
	const struct verdict *v = &e->v;
	bool envelope = v->spf_known && (v->iprev_known || !e->has_ip);
	return envelope && (e->rec->body->n == 0 || (v->dkim_known && v->dmarc_known));
}

static void
advance(void *arg)
{
	struct evaluation *e = arg;
	step_spf(e);
	step_iprev(e);
	if (e->rec->body->n) {
		step_dkim(e);
		step_dmarc(e);
	}
	if (complete(e))
		finish(e);
}

static void
start_message(struct evaluation *e)
{
	struct str octets = str_n(e->rec->body->p, e->rec->body->n);
	message_parse(&e->msg, octets);
	if (!e->v.dkim_known)
		e->dkim = dkim_start(e->ev->dkim, octets, e->answers, e->ev->max_signatures,
			(int64_t)time(NULL));
	if (!e->v.dmarc_known)
		dmarc_author(&e->dmarc, &e->msg);
}

/* The queue gives a record again with what was found out the first time: a later
 * look could be another, once the sender has changed his DNS. */
static bool
is_retry(const struct record *rec)
{
	uint64_t attempt;
	struct str value = record_get(rec, "attempt");
	return value.p && num_u64(value, 0, UINT32_MAX, &attempt) == 0 && attempt >= 2;
}

/* RFC 7208 section 5: an IPv4 address in IPv6 clothes is an IPv4 address. */
static bool
client_address(const struct record *rec, struct ip *out)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct str value = record_get(rec, "client-ip");
	if (!value.p || ip_parse(value, out) < 0)
		return false;
	if (out->family == AF_INET6 && memcmp(out->octets, mapped, sizeof(mapped)) == 0) {
		memmove(out->octets, out->octets + sizeof(mapped), 4);
		out->family = AF_INET;
	}
	return true;
}

void
evaluation_start(const struct evaluator *ev, struct record *rec)
{
	struct evaluation *e = xcalloc(1, sizeof(*e));
	e->ev = ev;
	e->rec = rec;
	e->dmarc.psl = ev->dmarc_psl;
	e->dmarc.both = ev->dmarc_details;
	e->answers = answers_new(ev->dns, ev->timeout_ms, advance, e);
	e->has_ip = client_address(rec, &e->query.ip);
	if (ev->given || is_retry(rec))
		verdict_read(&e->v, rec);
	if (!e->v.spf_known)
		start_spf(e);
	else if (!e->v.spf_domain)
		choose_identity(e);
	if (rec->body->n)
		start_message(e);
	advance(e);
}
