#include <arpa/inet.h>

#include "num.h"
#include "spf_macro.h"
#include "spf_record.h"

static const struct mechanism {
	const char *name;
	enum { SPEC_NO, SPEC_MAY, SPEC_MUST } spec;
	bool cidr;
} mechanisms[] = {
	[SPF_ALL] = {"all", SPEC_NO, false},
	[SPF_INCLUDE] = {"include", SPEC_MUST, false},
	[SPF_A] = {"a", SPEC_MAY, true},
	[SPF_MX] = {"mx", SPEC_MAY, true},
	[SPF_PTR] = {"ptr", SPEC_MAY, false},
	[SPF_IP4] = {"ip4", SPEC_MUST, false},
	[SPF_IP6] = {"ip6", SPEC_MUST, false},
	[SPF_EXISTS] = {"exists", SPEC_MUST, false},
};

static bool
is_alpha(char c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
spf_is_record(struct str txt)
{
	struct str version = STR("v=spf1");
	return str_istarts(txt, version) && (txt.n == version.n || txt.p[version.n] == ' ');
}

/* Walks over a macro-string; *last_macro is where the last macro ended. */
static bool
macro_string_ok(struct str s, size_t *last_macro)
{
	*last_macro = 0;
	for (size_t i = 0; i < s.n;) {
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
		if (s.p[i] != '%') {
			i++;
			continue;
		}
		size_t len = spf_macro_length(str_skip(s, i), false);
		if (len == 0)
			return false;
		i += len;
		if (len > 2)
			*last_macro = i;
	}
	return true;
}

static bool
toplabel_ok(struct str label)
{
	bool alpha = false, hyphen = false;
	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i];
		alpha |= is_alpha(c);
		hyphen |= c == '-';
		if (!is_alpha(c) && !is_digit(c) && (c != '-' || i == 0 || i == label.n - 1))
			return false;
	}
	return label.n > 0 && (alpha || hyphen);
}

/* macro-string domain-end: it ends with a macro, or with a dot and a top label. */
static bool
domain_spec_ok(struct str s)
{
	size_t last_macro;
	if (s.n == 0 || !macro_string_ok(s, &last_macro))
		return false;
	if (last_macro == s.n)
		return true;
	struct str tail = str_skip(s, last_macro);
	if (tail.p[tail.n - 1] == '.')
		tail.n--;
	size_t dot = tail.n;
	while (dot > 0 && tail.p[dot - 1] != '.')
		dot--;
	return dot > 0 && toplabel_ok(str_skip(tail, dot));
}

static bool
bits_parse(struct str s, int max, int *out)
{
	return num_int(s, 0, max, out) == 0 && (s.n == 1 || s.p[0] != '0');
}

/* Cuts "/BITS", "//BITS" or both off the end of *s. */
static bool
dual_cidr(struct str *s, struct spf_term *t)
{
	int *bits = &t->bits6, max = 128;
	t->bits4 = 32;
	t->bits6 = 128;
	for (int part = 0; part < 2; part++, bits = &t->bits4, max = 32) {
		size_t i = s->n;
		while (i > 0 && is_digit(s->p[i - 1]))
			i--;
		if (i == 0 || s->p[i - 1] != '/')
			return true;
		bool six = i > 1 && s->p[i - 2] == '/';
		if (part == 0 && !six) {
			bits = &t->bits4, max = 32;
			part = 1;
		} else if (part == 1 && six) {
			return false;
		}
		if (!bits_parse(str_skip(*s, i), max, bits))
			return false;
		s->n = i - (six ? 2 : 1);
	}
	return true;
}

static bool
network_ok(struct str s, struct spf_term *t)
{
	struct str bits = s, addr = str_cut(&bits, '/');
	char text[IP_TEXT_SIZE];
	bool four = t->kind == SPF_IP4;
	t->net.bits = four ? 32 : 128;
	t->net.ip = (struct ip){.family = four ? AF_INET : AF_INET6};
	/* Not ip_parse(): ip6:::ffff:192.0.2.1 stays an IPv6 network. */
	if (!str_copy(addr, text, sizeof(text)) ||
		inet_pton(t->net.ip.family, text, t->net.ip.octets) != 1)
		return false;
	return !bits.p || bits_parse(bits, t->net.bits, &t->net.bits);
}

static bool
arguments_ok(struct str args, const struct mechanism *m, struct spf_term *t)
{
	bool given = args.n && args.p[0] == ':';
	if (m->cidr && !dual_cidr(&args, t))
		return false;
	if (!given)
		return args.n == 0 && m->spec != SPEC_MUST;
	t->spec = str_skip(args, 1);
	if (m->spec == SPEC_NO)
		return false;
	if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
		return network_ok(t->spec, t);
	return domain_spec_ok(t->spec);
}

static bool
directive(struct str term, struct spf_term *t)
{
	*t = (struct spf_term){.qualifier = '+', .spec = STR_NONE};
	if (strchr("+-?~", term.p[0]) && term.p[0]) {
		t->qualifier = term.p[0];
		term = str_skip(term, 1);
	}
	t->text = term;
	size_t n = 0;
	while (n < term.n && term.p[n] != ':' && term.p[n] != '/')
		n++;
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(*mechanisms); i++) {
		if (!str_ieq(str_n(term.p, n), str_of(mechanisms[i].name)))
			continue;
		t->kind = (enum spf_kind)i;
		return arguments_ok(str_skip(term, n), &mechanisms[i], t);
	}
	return false;
}

/* "name=": a modifier rather than a mechanism. */
static size_t
modifier_name(struct str term)
{
	size_t n = 0;
	while (n < term.n &&
		(is_alpha(term.p[n]) ||
			(n > 0 && (is_digit(term.p[n]) || strchr("-_.", term.p[n])))))
		n++;
	return n > 0 && n < term.n && term.p[n] == '=' ? n : 0;
}

static const char *
modifier(struct spf_record *r, struct str term, size_t name)
{
	struct str value = str_skip(term, name + 1), key = str_n(term.p, name);
	bool redirect = str_ieq(key, STR("redirect"));
	size_t ignored;
	if (!redirect && !str_ieq(key, STR("exp")))
		return macro_string_ok(value, &ignored) ? NULL : "invalid modifier";
	struct str *slot = redirect ? &r->redirect : &r->exp;
	if (slot->p)
		return redirect ? "redirect= given twice" : "exp= given twice";
	*slot = value;
	return domain_spec_ok(value) ? NULL : "invalid domain in a modifier";
}

int
spf_record_parse(struct spf_record *r, struct str txt, const char **error)
{
	r->n = 0;
	r->redirect = r->exp = r->bad = STR_NONE;
	*error = NULL;
	if (memchr(txt.p, '\0', txt.n))
		*error = "NUL in the record";
	for (struct str rest = str_skip(txt, strlen("v=spf1")); rest.p && !*error;) {
		struct str term = str_cut(&rest, ' ');
		if (term.n == 0)
			continue;
		size_t name = modifier_name(term);
		if (name)
			*error = modifier(r, term, name);
		else if (r->n == SPF_MAX_TERMS)
			*error = "too many terms";
		else if (!directive(term, &r->terms[r->n++]))
			*error = "invalid mechanism";
		r->bad = term;
	}
	return *error ? -1 : 0;
}
