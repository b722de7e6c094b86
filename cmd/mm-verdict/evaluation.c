#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "arc_check.h"
#include "dkim_check.h"
#include "dmarc_details.h"
#include "dmarc_identify.h"
#include "evaluation.h"
#include "line_ends.h"
#include "mem.h"
#include "num.h"
#include "spf_stage.h"

struct evaluation {
	const struct evaluator *ev;
	struct record *rec;
	struct message msg;
	struct buf normal; /* what msg is of, where the line ends were not CRLF */
	struct answers *answers;
	struct verdict v;

	bool has_ip;
	struct ip ip;
	struct spf_stage spf;
	struct dkim_check *dkim;
	struct arc_check *arc;
	struct dmarc_input dmarc;
	bool dmarc_ready;
	bool arc_vouches; /* for what DMARC found of the message before it was forwarded */
};

static void advance(void *arg);

static void
finish(struct evaluation *e)
{
	struct record *rec = e->rec;
	spf_stage_release(&e->spf);
	if (e->dkim)
		dkim_end(e->dkim);
	if (e->arc)
		arc_end(e->arc);
	dmarc_input_release(&e->dmarc);
	answers_free(e->answers);
	message_release(&e->msg);
	buf_release(&e->normal);
	e->ev->finished(e->ev->arg, rec, &e->v);
	verdict_release(&e->v);
	free(e);
}

static struct dkim_diagnosis *
diagnose(const struct message *msg, const struct dkim_signature *s)
{
	struct dkim_diagnosis d, *kept = NULL;
	if (!dkim_diagnose(&d, msg, s))
		return NULL;
	kept = xmalloc(sizeof(*kept));
	*kept = d;
	return kept;
}

static void
take_dkim(struct evaluation *e)
{
	size_t n;
	struct verdict *v = &e->v;
	const struct dkim_signature *s = dkim_results(e->dkim, &n);
	for (; v->ndkim < n && v->ndkim < VERDICT_MAX_DKIM; s++) {
		struct verdict_dkim *d = &v->dkim[v->ndkim++];
		d->result = s->result;
		d->domain = s->domain ? xstrdup(s->domain) : NULL;
		d->selector = s->selector ? xstrdup(s->selector) : NULL;
		d->reason = *s->reason ? xstrdup(s->reason) : NULL;
		memcpy(d->mark, s->mark, sizeof(d->mark));
		d->diagnosis = e->ev->diagnose ? diagnose(&e->msg, s) : NULL;
	}
	v->dkim_known = true;
}

static void
step_dkim(struct evaluation *e)
{
	if (!e->v.dkim_known && dkim_step(e->dkim) == STEP_DONE)
		take_dkim(e);
}

static void
step_arc(struct evaluation *e)
{
	struct arc_outcome out;
	struct verdict *v = &e->v;
	if (v->arc_known || arc_step(e->arc, &out) == STEP_WAIT)
		return;
	v->arc_known = true;
	v->arc = out.result;
	v->arc_domain = out.domain ? xstrdup(out.domain) : NULL;
	v->arc_instance = out.instance;
	v->arc_reason = *out.reason ? xstrdup(out.reason) : NULL;
	v->arc_trusted = out.result == AUTH_PASS && out.domain &&
			 arc_trusts(e->ev->trusted_sealers, out.domain);
	e->arc_vouches =
		v->arc_trusted && arc_vouched(e->arc, e->ev->trusted_sealers, e->dmarc.author);
}

/* RFC 9989 section 5.4: local policy.  A forwarder that is trusted has found DMARC to
 * pass, before what it does to messages broke it. */
static void
heed_forwarder(struct evaluation *e)
{
	struct verdict *v = &e->v;
	if (!e->arc_vouches || v->dmarc != AUTH_FAIL)
		return;
	v->dmarc_disposition = DMARC_NONE;
	v->dmarc_overridden = true;
	if (v->dmarc_details.record && !v->dmarc_details.override)
		v->dmarc_details.override =
			xasprintf("trusted_forwarder sealed by %s", v->arc_domain);
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
	} else if (iprev_step(&e->ip, e->answers, &out) == STEP_DONE) {
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
	bool envelope = spf_stage_done(&e->spf, v) && (v->iprev_known || !e->has_ip);
	return envelope &&
	       (e->rec->body->n == 0 || (v->dkim_known && v->arc_known && v->dmarc_known));
}

static void
advance(void *arg)
{
	struct evaluation *e = arg;
	spf_stage_step(&e->spf, &e->v);
	step_iprev(e);
	if (e->rec->body->n) {
		step_dkim(e);
		step_arc(e);
		step_dmarc(e);
	}
	if (complete(e)) {
		heed_forwarder(e);
		finish(e);
	}
}

static void
start_message(struct evaluation *e)
{
	struct str octets = str_n(e->rec->body->p, e->rec->body->n);
	int64_t now_s = (int64_t)time(NULL);
	message_parse(&e->msg, line_ends_normal(octets, &e->normal));
	if (!e->v.dkim_known)
		e->dkim = dkim_start(
			e->ev->dkim, &e->msg, e->answers, e->ev->max_signatures, now_s);
	if (!e->v.arc_known)
		e->arc = arc_start(&e->msg, e->answers, now_s);
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
	e->has_ip = client_address(rec, &e->ip);
	if (ev->given || is_retry(rec))
		verdict_read(&e->v, rec);
	if (!e->v.spf_known)
		spf_stage_start(&e->spf, ev, rec, e->has_ip ? &e->ip : NULL, e->answers, &e->v);
	else if (!e->v.spf_domain)
		spf_stage_identify(&e->spf, rec, &e->v);
	if (rec->body->n)
		start_message(e);
	advance(e);
}
