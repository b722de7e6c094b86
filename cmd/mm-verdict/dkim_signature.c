#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "address.h"
#include "base64.h"
#include "dkim_signature.h"
#include "dns.h"
#include "mem.h"
#include "num.h"
#include "tags.h"

#define CLOCK_SKEW_S 300

void
dkim_signature_decide(struct dkim_signature *s, enum auth_result result, const char *fmt, ...)
{
	va_list ap;
	s->decided = true;
	s->result = result;
	va_start(ap, fmt);
	(void)vsnprintf(s->reason, sizeof(s->reason), fmt, ap);
	va_end(ap);
}

void
dkim_signature_release(struct dkim_signature *s)
{
	free(s->domain);
	free(s->selector);
	free(s->key_name);
	buf_release(&s->body_hash);
	buf_release(&s->signature);
	dkim_key_release(&s->key);
}

static const char *
check_algorithm(struct dkim_signature *s, const struct tags *t)
{
	struct str a = tags_get(t, "a");
	if (str_ieq(a, STR("rsa-sha256")))
		s->algorithm = DKIM_RSA_SHA256;
	else if (str_ieq(a, STR("ed25519-sha256")))
		s->algorithm = DKIM_ED25519_SHA256;
	else
		return a.p ? "unknown algorithm" : "no a= tag";
	return NULL;
}

/* The suite of tests for ARC, and those who sign, take relaxed for its default. */
static const char *
check_canonicalization(struct dkim_signature *s, const struct tags *t)
{
	if (s->kind == ARC_MESSAGE_SIGNATURE && !tags_get(t, "c").p) {
		s->header_canon = s->body_canon = DKIM_RELAXED;
		return NULL;
	}
	int rc = dkim_canon_parse(tags_get(t, "c"), &s->header_canon, &s->body_canon);
	return rc < 0 ? "unknown canonicalization" : NULL;
}

static const char *
check_domain(struct dkim_signature *s, const struct tags *t)
{
	struct str d = tags_get(t, "d"), sel = tags_get(t, "s");
	if (d.p && domain_valid(d))
		s->domain = str_dup(d);
	if (sel.p && domain_valid(sel))
		s->selector = str_dup(sel);
	if (!s->domain || !s->selector)
		return !d.p         ? "no d= tag"
		       : !sel.p     ? "no s= tag"
		       : !s->domain ? "invalid d= tag"
				    : "invalid s= tag";
	s->key_name = xasprintf("%s._domainkey.%s", s->selector, s->domain);
	return NULL;
}

/* dkim-quoted-printable of section 2.11; libopendkim reads past an "=" at its end. */
static bool
quoted_printable_ok(struct str v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == '=' && (i + 2 >= v.n || !strchr("0123456789ABCDEF", v.p[i + 1]) ||
					     !strchr("0123456789ABCDEF", v.p[i + 2])))
			return false;
	return true;
}

static const char *
check_identity(struct dkim_signature *s, const struct tags *t)
{
	struct str i = tags_get(t, "i"), d = str_of(s->domain);
	if (!i.p || s->kind != DKIM_SIGNATURE)
		return NULL;
	size_t at = i.n;
	while (at > 0 && i.p[at - 1] != '@')
		at--;
	struct str domain = str_skip(i, at);
	if (at == 0 || !quoted_printable_ok(i) || !domain_valid(domain))
		return "invalid i= tag";
	s->identity_is_subdomain = !str_ieq(domain, d);
	if (s->identity_is_subdomain &&
		(!str_iends(domain, d) || domain.p[domain.n - d.n - 1] != '.'))
		return "i= is not within d=";
	return NULL;
}

static bool
field_name_ok(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f || name.p[i] == ';')
			return false;
	return true;
}

/* RFC 8617 section 4.1.2: a message signature of ARC may sign any fields, or none,
 * but no seals.  Its suite of tests has empty names. */
static const char *
check_header_list(struct dkim_signature *s, const struct tags *t)
{
	bool dkim = s->kind == DKIM_SIGNATURE;
	size_t n = 0;
	s->signed_fields = tags_get(t, "h");
	if (!s->signed_fields.p)
		return "no h= tag";
	for (struct str rest = s->signed_fields; rest.p; n++) {
		struct str name = str_trim(str_cut(&rest, ':'));
		if (!field_name_ok(name) || (dkim && name.n == 0))
			return "invalid h= tag";
	}
	if (n > DKIM_MAX_NAMES)
		return "too many names in h=";
	if (!dkim)
		return tag_lists(s->signed_fields, ':', "arc-seal") ? "a seal is in h=" : NULL;
	return tag_lists(s->signed_fields, ':', "from") ? NULL : "From is not signed";
}

static bool
decode(struct str value, struct buf *out)
{
	struct buf unspaced = {0};
	tag_unspaced(value, &unspaced);
	bool good = base64_decode(buf_str(&unspaced), out) == 0 && out->n > 0;
	buf_release(&unspaced);
	return good;
}

static void
set_mark(struct dkim_signature *s, struct str b)
{
	size_t n = 0;
	for (size_t i = 0; i < b.n && n + 1 < sizeof(s->mark); i++)
		if (!strchr(" \t\r\n", b.p[i]))
			s->mark[n++] = b.p[i];
}

static const char *
check_hashes(struct dkim_signature *s, const struct tags *t)
{
	struct str b = tags_get(t, "b"), bh = tags_get(t, "bh");
	bool hashed = s->kind != ARC_SEAL;
	if (!b.p || (hashed && !bh.p))
		return b.p ? "no bh= tag" : "no b= tag";
	if (!decode(b, &s->signature))
		return "invalid b= tag";
	if (hashed && !decode(bh, &s->body_hash))
		return "invalid bh= tag";
	set_mark(s, b);
	return NULL;
}

/* Digits only, up to the 12 that section 3.5 asks for; absent is 0. */
static bool
number(const struct tags *t, const char *name, uint64_t *out)
{
	struct str v = tags_get(t, name);
	*out = 0;
	return !v.p || num_u64(v, 0, 999999999999999999, out) == 0;
}

static void
check_times(struct dkim_signature *s, const struct tags *t, int64_t now_s)
{
	uint64_t made, expires, now = (uint64_t)now_s;
	s->limited = tags_get(t, "l").p != NULL;
	if (!number(t, "t", &made) || !number(t, "x", &expires) || !number(t, "l", &s->length))
		dkim_signature_decide(s, AUTH_NEUTRAL, "invalid t=, x= or l= tag");
	else if (expires && made && expires <= made)
		dkim_signature_decide(s, AUTH_NEUTRAL, "x= is not after t=");
	else if (expires && now > expires)
		dkim_signature_decide(s, AUTH_FAIL, "signature expired");
	else if (made > now + CLOCK_SKEW_S)
		dkim_signature_decide(s, AUTH_FAIL, "signed in the future");
}

static const char *
check_version(const struct dkim_signature *s, const struct tags *t)
{
	struct str v = tags_get(t, "v"), q = tags_get(t, "q");
	if (s->kind == DKIM_SIGNATURE && (!v.p || !str_eq(v, STR("1"))))
		return v.p ? "unknown version" : "no v= tag";
	return q.p && !tag_lists(q, ':', "dns/txt") ? "unknown query method" : NULL;
}

/* What a seal has not: it is always relaxed, and says itself what it signs. */
static const char *
check_content(struct dkim_signature *s, const struct tags *t)
{
	if (s->kind == ARC_SEAL)
		return tags_get(t, "h").p ? "a seal with an h= tag" : NULL;
	const char *error = check_canonicalization(s, t);
	error = error ? error : check_identity(s, t);
	return error ? error : check_header_list(s, t);
}

void
dkim_signature_parse(struct dkim_signature *s, enum dkim_kind kind,
	const struct header_field *field, int64_t now_s)
{
	struct tags t;
	*s = (struct dkim_signature){.field = field, .kind = kind};
	if (tags_parse(&t, field->value) < 0) {
		dkim_signature_decide(s, AUTH_NEUTRAL, "not a list of tags");
		return;
	}
	const char *domain = check_domain(s, &t), *error = check_version(s, &t);
	if (!error && str_ieq(tags_get(&t, "a"), STR("rsa-sha1"))) {
		dkim_signature_decide(s, AUTH_PERMERROR, "rsa-sha1 is obsolete"); /* RFC 8301 */
		return;
	}
	error = error ? error : domain;
	error = error ? error : check_algorithm(s, &t);
	error = error ? error : check_content(s, &t);
	error = error ? error : check_hashes(s, &t);
	if (error)
		dkim_signature_decide(s, AUTH_NEUTRAL, "%s", error);
	else
		check_times(s, &t, now_s);
	s->well_formed = !error && (!s->decided || s->result != AUTH_NEUTRAL);
}

void
dkim_signature_take_key(struct dkim_signature *s, const struct answer *a)
{
	const char *error;
	if (a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS) {
		dkim_signature_decide(s, AUTH_TEMPERROR, "key not available: %s", a->why);
		return;
	}
	error = a->status == DNS_FOUND ? dkim_key_choose(&s->key, a, s->algorithm) : "no key";
	if (!error && s->key.strict && s->identity_is_subdomain)
		error = "the key forbids subdomains in i=";
	if (error)
		dkim_signature_decide(s, AUTH_PERMERROR, "%s", error);
}
