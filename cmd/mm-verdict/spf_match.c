#include <sys/socket.h>

#include "spf_macro.h"
#include "spf_match.h"
#include "spf_ptr.h"

static bool
failed(const struct answer *a)
{
	return a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS;
}

/* Section 4.6.4: an answer with nothing in it. */
static void
count_void(struct spf_scope *s, const struct answer *a)
{
	s->voids += a->status == DNS_NXDOMAIN || a->status == DNS_NODATA;
}

static enum spf_match
fail(struct spf_scope *s, enum spf_match how, const char *why)
{
	s->why = why;
	return how;
}

enum step
spf_target(struct spf_scope *s, struct str domain_spec, char out[DNS_NAME_SIZE], bool *possible)
{
	char validated[DNS_NAME_SIZE];
	struct spf_macros m = {.query = s->query, .domain = s->domain};
	if (spf_macro_used(domain_spec, 'p')) {
		if (spf_ptr_name(s, validated) == STEP_WAIT)
			return STEP_WAIT;
		m.validated = validated;
	}
	*possible = spf_macro_name(out, domain_spec.p ? domain_spec : STR("%{d}"), &m);
	return STEP_DONE;
}

static enum spf_match
match_addresses(struct spf_scope *s, const struct answer *a, int bits)
{
	if (!a)
		return SPF_MATCH_WAIT;
	if (failed(a))
		return fail(s, SPF_MATCH_TEMPERROR, "DNS lookup failed");
	count_void(s, a);
	return spf_has_client(a, &s->query->ip, bits) ? SPF_MATCH : SPF_NO_MATCH;
}

/* The hosts' addresses are asked for together and looked at in order. */
static enum spf_match
match_mx(struct spf_scope *s, const char *name, int bits)
{
	char host[DNS_NAME_SIZE];
	int preference;
	enum spf_match m = SPF_NO_MATCH;
	const struct answer *mx = answers_get(s->answers, name, DNS_MX);
	if (!mx)
		return SPF_MATCH_WAIT;
	if (failed(mx))
		return fail(s, SPF_MATCH_TEMPERROR, "DNS lookup failed");
	if (mx->n > SPF_MAX_HOSTS)
		return fail(s, SPF_MATCH_PERMERROR, "more than 10 MX records");
	count_void(s, mx);
	for (size_t i = 0; i < mx->n; i++) {
		if (dns_rdata_mx(mx->rdata[i], &preference, host, sizeof(host)) < 0 || !*host)
			continue;
		const struct answer *a = spf_addresses(s, host);
		if (m == SPF_NO_MATCH)
			m = match_addresses(s, a, bits);
	}
	return m;
}

static enum spf_match
match_exists(struct spf_scope *s, const char *name)
{
	const struct answer *a = answers_get(s->answers, name, DNS_A);
	if (!a)
		return SPF_MATCH_WAIT;
	if (failed(a))
		return fail(s, SPF_MATCH_TEMPERROR, "DNS lookup failed");
	count_void(s, a);
	return a->n ? SPF_MATCH : SPF_NO_MATCH;
}

/* Section 4.8: a name that cannot exist has no records; that counts as empty too. */
static enum spf_match
match_name(struct spf_scope *s, const struct spf_term *t)
{
	int bits = s->query->ip.family == AF_INET ? t->bits4 : t->bits6;
	char name[DNS_NAME_SIZE];
	bool possible;
	if (spf_target(s, t->spec, name, &possible) == STEP_WAIT)
		return SPF_MATCH_WAIT;
	if (!possible) {
		s->voids += t->kind != SPF_PTR;
		return SPF_NO_MATCH;
	}
	switch (t->kind) {
	case SPF_A:
		return match_addresses(s, spf_addresses(s, name), bits);
	case SPF_MX:
		return match_mx(s, name, bits);
	case SPF_PTR:
		return spf_ptr_match(s, name);
	default:
		return match_exists(s, name);
	}
}

enum spf_match
spf_match(struct spf_scope *s, const struct spf_term *t)
{
	switch (t->kind) {
	case SPF_ALL:
		return SPF_MATCH;
	case SPF_IP4:
	case SPF_IP6:
		return cidr_contains(&t->net, &s->query->ip) ? SPF_MATCH : SPF_NO_MATCH;
	default:
		return match_name(s, t);
	}
}
