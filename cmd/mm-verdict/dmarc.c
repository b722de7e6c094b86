#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "address.h"
#include "dmarc.h"
#include "dmarc_psl.h"
#include "idn.h"
#include "mem.h"

struct authors {
	char *domain;
	bool several, other;
};

static bool
each_author(void *arg, struct str addr_spec)
{
	struct authors *a = arg;
	size_t at = addr_spec.n;
	while (at > 0 && addr_spec.p[at - 1] != '@')
		at--;
	struct str domain = str_skip(addr_spec, at);
	if (domain.n && domain.p[domain.n - 1] == '.')
		domain.n--;
	/* "a@b@c" without quotes: readers may stop at the first. */
	bool plain = at < 2 || addr_spec.p[0] == '"' || !memchr(addr_spec.p, '@', at - 1);
	char *name = at > 0 && plain && domain_valid(domain) ? idn_ascii(domain) : NULL;
	a->other |= !name;
	a->several |= name && a->domain && strcasecmp(name, a->domain) != 0;
	if (a->domain)
		free(name);
	else
		a->domain = name;
	return true;
}

static void
fault(struct dmarc_input *in, enum auth_result result, const char *reason)
{
	in->author_fault = result;
	in->author_reason = reason;
}

/* Section 5.3.1: one From field with one domain; anything else has no Author
 * Domain, and no verdict must make it look good. */
void
dmarc_author(struct dmarc_input *in, const struct message *msg)
{
	const struct header_field *from, *second;
	struct authors a = {0};
	size_t at = 0;
	in->author = NULL;
	fault(in, AUTH_NONE, "no From field");
	if (!message_next(msg, "From", &at, &from))
		return;
	if (msg->dropped) {
		fault(in, AUTH_PERMERROR, "too many header fields");
		return;
	}
	if (message_next(msg, "From", &at, &second)) {
		fault(in, AUTH_PERMERROR, "more than one From field");
		return;
	}
	address_list_each(from->value, each_author, &a);
	if (a.several || (a.domain && a.other))
		fault(in, AUTH_PERMERROR, "several domains in From");
	else if (!a.domain)
		fault(in, AUTH_PERMERROR, "no domain in From");
	if (!a.domain || a.several || a.other) {
		free(a.domain);
		return;
	}
	in->author = a.domain;
}

void
dmarc_input_release(struct dmarc_input *in)
{
	for (size_t i = 0; i < in->n; i++)
		free(in->owned[i]);
	in->n = 0;
	free(in->author);
	in->author = NULL;
}

struct policy {
	struct dmarc_record record;
	const char *where; /* NULL: none */
	enum dmarc_policy wanted;
};

/* RFC 9989 section 3.2.12 and RFC 8020: NXDOMAIN is what does not exist. */
static enum walk_step
choose_inherited(struct policy *p, struct answers *answers, const char *author)
{
	const struct dmarc_record *r = &p->record;
	p->wanted = r->sp ? r->sp : r->p;
	if (r->np == DMARC_UNSET || r->np == p->wanted)
		return WALK_DONE;
	const struct answer *a = answers_get(answers, author, DNS_A);
	if (!a)
		return WALK_WAIT;
	if (a->status == DNS_NXDOMAIN)
		p->wanted = r->np;
	return WALK_DONE;
}

/* Section 4.10.1: the record of the Author Domain, else of its organizational
 * domain, else of its public suffix. */
static enum walk_step
discover(struct policy *p, struct answers *answers, const char *author)
{
	struct dmarc_walk w;
	*p = (struct policy){0};
	int own = dmarc_fetch(answers, author, &p->record);
	if (own < 0)
		return own == -1 ? WALK_WAIT : WALK_TEMPERROR;
	if (own) {
		p->where = author;
		p->wanted = p->record.p;
		return WALK_DONE;
	}
	enum walk_step st = dmarc_walk(&w, answers, author);
	if (st != WALK_DONE)
		return st;
	for (size_t i = 0; i < w.n && !p->where; i++) {
		if (w.found[i].domain == w.organization || w.found[i].record.psd == 'y')
			p->where = w.found[i].domain;
		p->record = w.found[i].record;
	}
	return p->where ? choose_inherited(p, answers, author) : WALK_DONE;
}

/* RFC 7489 section 6.6.3 */
static enum walk_step
discover_by_suffix(struct policy *p, struct answers *answers, const char *author)
{
	*p = (struct policy){0};
	enum walk_step st = dmarc_psl_discover(answers, author, &p->record, &p->where);
	if (st == WALK_DONE && p->where)
		p->wanted = p->where != author && p->record.sp ? p->record.sp : p->record.p;
	return st;
}

static enum walk_step
find_policy(struct policy *p, struct answers *answers, const struct dmarc_input *in)
{
	return in->psl ? discover_by_suffix(p, answers, in->author)
		       : discover(p, answers, in->author);
}

void
dmarc_prepare(const struct dmarc_input *in, struct answers *answers)
{
	struct policy p;
	struct dmarc_walk w;
	if (!in->author)
		return;
	(void)find_policy(&p, answers, in);
	if (!in->psl)
		(void)dmarc_walk(&w, answers, in->author);
}

static bool
within(const char *domain, const char *organization)
{
	size_t n = strlen(domain), m = strlen(organization);
	return n >= m && strcasecmp(domain + n - m, organization) == 0 &&
	       (n == m || domain[n - m - 1] == '.');
}

/* Section 4.10.2: 1 aligned, 0 not, -1 not known yet, -2 the DNS failed.  A domain
 * outside the author's organization is not asked about: its owner, who may be anybody,
 * has no say in whether the answer is to be had. */
static int
aligned(const struct dmarc_input *in, const struct dmarc_record *r,
	const struct dmarc_identifier *id, struct answers *answers)
{
	struct dmarc_walk author, other;
	if (strcasecmp(in->author, id->domain) == 0)
		return 1;
	if (id->spf ? r->strict_spf : r->strict_dkim)
		return 0;
	if (in->psl)
		return strcasecmp(dmarc_psl_organization(in->author),
			       dmarc_psl_organization(id->domain)) == 0;
	enum walk_step st = dmarc_walk(&author, answers, in->author);
	if (st == WALK_DONE && !within(id->domain, author.organization))
		return 0;
	if (st == WALK_DONE)
		st = dmarc_walk(&other, answers, id->domain);
	if (st != WALK_DONE)
		return st == WALK_WAIT ? -1 : -2;
	return strcasecmp(author.organization, other.organization) == 0;
}

/* What is asked for a message that fails: one degree less where the publisher tests
 * (RFC 9989 section 4.7), or for those that he spares (RFC 7489 section 6.6.4). */
static void
set_disposition(const struct dmarc_input *in, const struct policy *p, struct dmarc_outcome *out)
{
	out->disposition = p->wanted;
	if (p->wanted <= DMARC_NONE)
		return;
	out->tested = !in->psl && p->record.testing;
	out->sampled_out = in->psl && !dmarc_psl_sampled(p->record.pct);
	if (out->tested || out->sampled_out)
		out->disposition--;
}

static enum step
judge(const struct dmarc_input *in, const struct policy *p, struct answers *answers,
	struct dmarc_outcome *out)
{
	bool uncertain = false, waiting = false;
	for (size_t i = 0; i < in->n; i++) {
		int a = aligned(in, &p->record, &in->ids[i], answers);
		bool passed = a == 1 && !in->ids[i].temperror;
		out->spf |= passed && in->ids[i].spf;
		out->dkim |= passed && !in->ids[i].spf;
		waiting |= a == -1;
		uncertain |= a == -2 || a == 1;
		if (passed && !in->both)
			break;
	}
	if (waiting && (in->both || !(out->spf || out->dkim)))
		return STEP_WAIT;
	if (out->spf || out->dkim) {
		out->result = AUTH_PASS;
		out->disposition = DMARC_NONE;
		return STEP_DONE;
	}
	out->result = uncertain ? AUTH_TEMPERROR : AUTH_FAIL;
	out->disposition = DMARC_NONE;
	if (!uncertain)
		set_disposition(in, p, out);
	(void)snprintf(out->reason, sizeof(out->reason), "%s",
		uncertain ? "an aligned result was not to be had"
			  : "nothing that passed is aligned with From");
	return STEP_DONE;
}

static enum step
finish(struct dmarc_outcome *out, enum auth_result result, const char *reason)
{
	out->result = result;
	(void)snprintf(out->reason, sizeof(out->reason), "%s", reason ? reason : "");
	return STEP_DONE;
}

enum step
dmarc_step(const struct dmarc_input *in, struct answers *answers, struct dmarc_outcome *out)
{
	struct policy p;
	*out = (struct dmarc_outcome){0};
	if (!in->author)
		return finish(out, in->author_fault, in->author_reason);
	switch (find_policy(&p, answers, in)) {
	case WALK_WAIT:
		return STEP_WAIT;
	case WALK_TEMPERROR:
		return finish(out, AUTH_TEMPERROR, "the policy could not be looked up");
	default:
		break;
	}
	if (!p.where)
		return finish(out, AUTH_NONE, "no policy published");
	out->policy = p.wanted;
	out->where = p.where;
	return judge(in, &p, answers, out);
}
