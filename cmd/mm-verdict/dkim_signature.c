#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "address.h"
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
	dkim_key_release(&s->key);
}

static bool
base64_ok(struct str value)
{
	size_t n = 0, pad = 0;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i], l = ascii_lower(c);
		if (strchr(" \t\r\n", c) && c)
			continue;
		bool digit = (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
			     c == '/';
		if (c != '=' && (!digit || pad))
			return false;
		pad += c == '=';
		n++;
	}
	return n > pad && n % 4 == 0 && pad < 3;
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

static const char *
check_canonicalization(const struct tags *t)
{
	struct str body = tags_get(t, "c"), header;
	if (!body.p)
		return NULL;
	header = str_cut(&body, '/');
	if (!str_ieq(header, STR("simple")) && !str_ieq(header, STR("relaxed")))
		return "unknown canonicalization";
	if (body.p && !str_ieq(body, STR("simple")) && !str_ieq(body, STR("relaxed")))
		return "unknown canonicalization";
	return NULL;
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
	if (!i.p)
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

static const char *
check_header_list(struct dkim_signature *s, const struct tags *t)
{
	s->signed_fields = tags_get(t, "h");
	if (!s->signed_fields.p)
		return "no h= tag";
	for (struct str rest = s->signed_fields; rest.p;) {
		struct str name = str_trim(str_cut(&rest, ':'));
		for (size_t i = 0; i < name.n; i++)
			if (name.p[i] <= ' ' || name.p[i] >= 0x7f || name.p[i] == ';')
				return "invalid h= tag";
		if (name.n == 0)
			return "invalid h= tag";
	}
	return tag_lists(s->signed_fields, ':', "from") ? NULL : "From is not signed";
}

static const char *
check_hashes(struct dkim_signature *s, const struct tags *t)
{
	struct str b = tags_get(t, "b"), bh = tags_get(t, "bh");
	struct buf unspaced = {0};
	if (!b.p || !bh.p)
		return b.p ? "no bh= tag" : "no b= tag";
	if (!base64_ok(b) || !base64_ok(bh))
		return base64_ok(b) ? "invalid bh= tag" : "invalid b= tag";
	tag_unspaced(b, &unspaced);
	(void)str_copy(buf_str(&unspaced), s->mark, sizeof(s->mark));
	buf_release(&unspaced);
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
	uint64_t made, expires, length, now = (uint64_t)now_s;
	if (!number(t, "t", &made) || !number(t, "x", &expires) || !number(t, "l", &length))
		dkim_signature_decide(s, AUTH_NEUTRAL, "invalid t=, x= or l= tag");
	else if (expires && made && expires <= made)
		dkim_signature_decide(s, AUTH_NEUTRAL, "x= is not after t=");
	else if (expires && now > expires)
		dkim_signature_decide(s, AUTH_FAIL, "signature expired");
	else if (made > now + CLOCK_SKEW_S)
		dkim_signature_decide(s, AUTH_FAIL, "signed in the future");
}

static const char *
check_version(const struct tags *t)
{
	struct str v = tags_get(t, "v"), q = tags_get(t, "q");
	if (!v.p || !str_eq(v, STR("1")))
		return v.p ? "unknown version" : "no v= tag";
	return q.p && !tag_lists(q, ':', "dns/txt") ? "unknown query method" : NULL;
}

void
dkim_signature_parse(struct dkim_signature *s, const struct header_field *field, int64_t now_s)
{
	struct tags t;
	*s = (struct dkim_signature){.field = field};
	if (tags_parse(&t, field->value) < 0) {
		dkim_signature_decide(s, AUTH_NEUTRAL, "not a list of tags");
		return;
	}
	const char *domain = check_domain(s, &t), *error = check_version(&t);
	if (!error && str_ieq(tags_get(&t, "a"), STR("rsa-sha1"))) {
		dkim_signature_decide(s, AUTH_PERMERROR, "rsa-sha1 is obsolete"); /* RFC 8301 */
		return;
	}
	error = error ? error : domain;
	error = error ? error : check_algorithm(s, &t);
	error = error ? error : check_canonicalization(&t);
	error = error ? error : check_identity(s, &t);
	error = error ? error : check_header_list(s, &t);
	error = error ? error : check_hashes(s, &t);
	if (error)
		dkim_signature_decide(s, AUTH_NEUTRAL, "%s", error);
	else
		check_times(s, &t, now_s);
	s->well_formed = !error && (!s->decided || s->result != AUTH_NEUTRAL);
}
