#include <stdlib.h>

#include "address.h"
#include "idn.h"
#include "mem.h"
#include "spf_stage.h"

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

/* Section 4.3: a sender without a local part is postmaster, a name has A-labels. */
static void
identify(struct spf_identity *id, struct str local, struct str domain, struct str helo)
{
	id->helo = str_dup(helo.p ? helo : STR(""));
	if (domain_valid(domain))
		id->domain = idn_ascii(domain);
	if (!id->domain)
		return;
	if (local.n == 0)
		local = STR("postmaster");
	id->sender = xasprintf("%.*s@%s", STR_ARG(local), id->domain);
}

/* Section 4.3: not a name of several labels, no result. */
static bool
checkable(const struct spf_identity *id, const struct ip *ip)
{
	return ip && id->domain && strchr(id->domain, '.');
}

static void
start_check(struct spf_stage *s, struct spf_identity *id, const struct evaluator *ev,
	const struct ip *ip, struct answers *answers)
{
	id->query = (struct spf_query){.ip = *ip,
		.sender = id->sender,
		.domain = id->domain,
		.helo = id->helo,
		.receiver = ev->receiver};
	id->check = s->engine->start(&id->query, answers);
}

static char *
copy(const char *text)
{
	return text && *text ? xstrdup(text) : NULL;
}

/* A forwarder that is allowed is not asked for what others published. */
static bool
allowed(const struct evaluator *ev, const struct ip *ip, struct verdict *v)
{
	if (!ip || !ev->spf_allow || !networks_have(ev->spf_allow, ip))
		return false;
	v->spf = AUTH_PASS;
	v->spf_known = v->spf_local = true;
	v->spf_reason = xstrdup(SPF_LOCAL_REASON);
	return true;
}

void
spf_stage_identify(struct spf_stage *s, const struct record *rec, struct verdict *v)
{
	struct str value = record_get(rec, "mail-from"), local, domain;
	struct str helo = record_get(rec, "helo");
	s->null = !value.p || !split_sender(value, &local, &domain);
	v->spf_helo = s->null && helo.p;
	identify(&s->mail_from, s->null ? STR("") : local, s->null ? helo : domain, helo);
	if (!s->null)
		identify(&s->helo, STR(""), helo, helo);
	if (!v->spf_domain)
		v->spf_domain = copy(s->mail_from.domain);
}

void
spf_stage_start(struct spf_stage *s, const struct evaluator *ev, const struct record *rec,
	const struct ip *ip, struct answers *answers, struct verdict *v)
{
	s->engine = ev->spf;
	spf_stage_identify(s, rec, v);
	if (allowed(ev, ip, v))
		return;
	if (checkable(&s->mail_from, ip))
		start_check(s, &s->mail_from, ev, ip, answers);
	else
		v->spf_known = true; /* none */
	if (!s->null && checkable(&s->helo, ip))
		start_check(s, &s->helo, ev, ip, answers);
}

static bool
step(struct spf_stage *s, struct spf_identity *id, bool known, struct spf_outcome *out)
{
	return id->check && !known && s->engine->step(id->check, out) == STEP_DONE;
}

void
spf_stage_step(struct spf_stage *s, struct verdict *v)
{
	struct spf_outcome out;
	if (step(s, &s->mail_from, v->spf_known, &out)) {
		v->spf_known = true;
		v->spf = out.result;
		v->spf_reason = copy(out.reason);
		v->spf_explanation = copy(out.explanation);
	}
	if (step(s, &s->helo, v->helo_known, &out)) {
		v->helo_known = true;
		v->helo = out.result;
		v->helo_domain = xstrdup(s->helo.domain);
		v->helo_reason = copy(out.reason);
	}
}

bool
spf_stage_done(const struct spf_stage *s, const struct verdict *v)
{
	return v->spf_known && (v->helo_known || !s->helo.check);
}

static void
release(struct spf_stage *s, struct spf_identity *id)
{
	if (id->check)
		s->engine->end(id->check);
	free(id->sender);
	free(id->domain);
	free(id->helo);
}

void
spf_stage_release(struct spf_stage *s)
{
	release(s, &s->mail_from);
	release(s, &s->helo);
}
