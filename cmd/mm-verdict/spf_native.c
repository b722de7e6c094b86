/* The SPF engine of our own: check_host() of RFC 7208 section 4 as a machine with a
 * stack of records, one a level of include.  It stands still at a term whose answer
 * is not there, and goes on from that term. */
#include <stdio.h>
#include <stdlib.h>

#include "mem.h"
#include "spf_engine.h"
#include "spf_exp.h"
#include "spf_macro.h"
#include "spf_match.h"
#include "spf_record.h"
#include "spf_select.h"

#define MAX_LEVELS (SPF_MAX_LOOKUPS + 1) /* each include is a lookup */

/* One record.  While an include is evaluated, `at` of the level above is it. */
struct level {
	char domain[DNS_NAME_SIZE];
	struct buf text;           /* what the record's views point into */
	struct spf_record *record; /* NULL until it is there */
	size_t at;                 /* the next term */
	struct buf trail;          /* the redirects that led here, for people */
};

struct spf_check {
	const struct spf_query *query;
	struct answers *answers;
	struct level *levels[MAX_LEVELS];
	size_t depth;
	int terms, voids;
	bool decided; /* only the explanation is to come */
	struct spf_outcome out;
};

static void
drop_record(struct level *l)
{
	free(l->record);
	l->record = NULL;
	l->at = 0;
	buf_release(&l->text);
}

static void
release_level(struct level *l)
{
	drop_record(l);
	buf_release(&l->trail);
	free(l);
}

static void
push(struct spf_check *c, const char *domain)
{
	struct level *l = xcalloc(1, sizeof(*l));
	c->levels[c->depth++] = l;
	(void)str_copy(str_of(domain), l->domain, sizeof(l->domain));
}

static struct level *
top(struct spf_check *c)
{
	return c->levels[c->depth - 1];
}

static void
add_term(struct buf *b, const struct spf_term *t)
{
	if (t->qualifier != '+')
		buf_addc(b, t->qualifier);
	buf_adds(b, t->text);
}

/* "include:a.example > -ip4:192.0.2.0/24", or what is wrong there. */
static void
explain(struct spf_check *c, const struct spf_term *t, const char *why)
{
	struct buf b = {0};
	for (size_t i = 0; i < c->depth; i++) {
		struct level *l = c->levels[i];
		buf_adds(&b, buf_str(&l->trail));
		if (i + 1 == c->depth)
			break;
		add_term(&b, &l->record->terms[l->at]);
		buf_addstr(&b, " > ");
	}
	if (t)
		add_term(&b, t);
	if (t && why)
		buf_addstr(&b, ": ");
	if (why)
		buf_addstr(&b, why);
	(void)str_copy(buf_str(&b), c->out.reason, sizeof(c->out.reason));
	buf_release(&b);
}

static enum auth_result
result_of(char qualifier)
{
	return qualifier == '+'   ? AUTH_PASS
	       : qualifier == '-' ? AUTH_FAIL
	       : qualifier == '~' ? AUTH_SOFTFAIL
				  : AUTH_NEUTRAL;
}

/* The record at the top has come to that: section 5.2 says what it means to the
 * include above.  The lowest record is kept, for its exp=. */
static void
leave(struct spf_check *c, enum auth_result r)
{
	while (c->depth > 1) {
		release_level(top(c));
		c->depth--;
		struct level *l = top(c);
		if (r == AUTH_PASS) {
			r = result_of(l->record->terms[l->at].qualifier);
		} else if (r == AUTH_TEMPERROR) {
			continue;
		} else if (r == AUTH_PERMERROR || r == AUTH_NONE) {
			r = AUTH_PERMERROR;
		} else {
			l->at++;
			return;
		}
	}
	c->out.result = r;
	c->decided = true;
}

static void
stop(struct spf_check *c, enum auth_result r, const struct spf_term *t, const char *why)
{
	explain(c, t, why);
	leave(c, r);
}

/* Most records have few terms: of what all could take, only their part is kept. */
static void
parse(struct spf_check *c, struct level *l)
{
	static struct spf_record r;
	const char *error;
	char why[200];
	if (spf_record_parse(&r, buf_str(&l->text), &error) < 0) {
		(void)snprintf(why, sizeof(why), "%s: %.*s", error, STR_ARG(r.bad));
		stop(c, AUTH_PERMERROR, NULL, r.bad.n ? why : error);
		return;
	}
	size_t size = offsetof(struct spf_record, terms) + r.n * sizeof(*r.terms);
	l->record = xmalloc(size);
	memcpy(l->record, &r, size);
}

static bool
fetch(struct spf_check *c)
{
	struct level *l = top(c);
	const struct answer *a = answers_get(c->answers, l->domain, DNS_TXT);
	if (!a)
		return false;
	bool redirected = c->depth == 1 && l->trail.n;
	size_t n = spf_select(a, &l->text);
	if (a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS)
		stop(c, AUTH_TEMPERROR, NULL, "DNS lookup failed");
	else if (n > 1)
		stop(c, AUTH_PERMERROR, NULL, "more than one SPF record");
	else if (n == 0)
		stop(c, redirected ? AUTH_PERMERROR : AUTH_NONE, NULL, "no SPF record");
	else
		parse(c, l);
	return true;
}

static struct spf_scope
scope_of(struct spf_check *c)
{
	return (struct spf_scope){.query = c->query,
		.answers = c->answers,
		.domain = top(c)->domain,
		.voids = c->voids};
}

/* The name of an include or a redirect: of several labels (section 4.3). */
static enum step
next_domain(struct spf_check *c, struct str spec, char out[DNS_NAME_SIZE], bool *usable)
{
	struct spf_scope s = scope_of(c);
	if (spf_target(&s, spec, out, usable) == STEP_WAIT)
		return STEP_WAIT;
	*usable = *usable && strchr(out, '.');
	return STEP_DONE;
}

static bool
too_many(struct spf_check *c, const struct spf_term *t)
{
	if (c->terms < SPF_MAX_LOOKUPS)
		return false;
	stop(c, AUTH_PERMERROR, t, "more than 10 DNS lookups");
	return true;
}

static bool
include(struct spf_check *c, const struct spf_term *t)
{
	char name[DNS_NAME_SIZE];
	bool usable;
	if (next_domain(c, t->spec, name, &usable) == STEP_WAIT)
		return false;
	c->terms++;
	if (usable)
		push(c, name);
	else
		stop(c, AUTH_PERMERROR, t, "not a domain name");
	return true;
}

static bool
match(struct spf_check *c, const struct spf_term *t)
{
	struct spf_scope s = scope_of(c);
	enum spf_match m = spf_match(&s, t);
	if (m == SPF_MATCH_WAIT)
		return false;
	c->terms += t->kind != SPF_ALL && t->kind != SPF_IP4 && t->kind != SPF_IP6;
	c->voids = s.voids;
	if (c->voids > SPF_MAX_VOID)
		stop(c, AUTH_PERMERROR, t, "more than 2 DNS lookups without an answer");
	else if (m == SPF_MATCH)
		stop(c, result_of(t->qualifier), t, NULL);
	else if (m == SPF_NO_MATCH)
		top(c)->at++;
	else
		stop(c, m == SPF_MATCH_TEMPERROR ? AUTH_TEMPERROR : AUTH_PERMERROR, t, s.why);
	return true;
}

static bool
next_term(struct spf_check *c, const struct spf_term *t)
{
	bool asks = t->kind != SPF_ALL && t->kind != SPF_IP4 && t->kind != SPF_IP6;
	if (asks && too_many(c, t))
		return true;
	return t->kind == SPF_INCLUDE ? include(c, t) : match(c, t);
}

/* Section 6.1: the record of another domain takes the place of this one. */
static bool
redirect(struct spf_check *c)
{
	char name[DNS_NAME_SIZE];
	bool usable;
	struct level *l = top(c);
	struct str spec = l->record->redirect;
	if (next_domain(c, spec, name, &usable) == STEP_WAIT)
		return false;
	buf_addf(&l->trail, "redirect=%.*s > ", STR_ARG(spec));
	if (too_many(c, NULL))
		return true;
	c->terms++;
	if (!usable) {
		stop(c, AUTH_PERMERROR, NULL, "not a domain name");
		return true;
	}
	drop_record(l);
	(void)str_copy(str_of(name), l->domain, sizeof(l->domain));
	return true;
}

/* False when an answer is not there yet. */
static bool
advance(struct spf_check *c)
{
	struct level *l = top(c);
	if (!l->record)
		return fetch(c);
	if (l->at < l->record->n)
		return next_term(c, &l->record->terms[l->at]);
	if (l->record->redirect.p)
		return redirect(c);
	stop(c, AUTH_NEUTRAL, NULL, "no mechanism matches");
	return true;
}

static struct spf_check *
start(const struct spf_query *query, struct answers *answers)
{
	struct spf_check *c = xcalloc(1, sizeof(*c));
	c->query = query;
	c->answers = answers;
	push(c, query->domain);
	return c;
}

static enum step
step(struct spf_check *c, struct spf_outcome *out)
{
	while (!c->decided)
		if (!advance(c))
			return STEP_WAIT;
	struct spf_record *r = c->levels[0]->record;
	struct spf_scope s = scope_of(c);
	if (c->out.result == AUTH_FAIL && r && r->exp.p &&
		spf_explain(&s, r->exp, c->out.explanation, sizeof(c->out.explanation)) ==
			STEP_WAIT)
		return STEP_WAIT;
	c->out.lookups = c->terms;
	*out = c->out;
	return STEP_DONE;
}

static void
end(struct spf_check *c)
{
	for (size_t i = 0; i < c->depth; i++)
		release_level(c->levels[i]);
	free(c);
}

const struct spf_engine spf_native = {"native", start, step, end};
