#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "mem.h"
#include "spf_macro.h"

#define MAX_NAME 253
#define DELIMITERS ".-+,/_="

/* "%{letter digits r delimiters}", taken apart. */
struct macro {
	char letter; /* lower case */
	bool escape; /* it was upper case */
	bool reverse;
	size_t keep; /* parts from the right; 0 is all */
	struct str delimiters;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(char c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

static size_t
count_of(struct str s, const char *set)
{
	size_t n = 0;
	while (n < s.n && s.p[n] != '\0' && strchr(set, s.p[n]))
		n++;
	return n;
}

/* The octets after "%{", up to and with "}"; 0 when it is no macro. */
static size_t
parse(struct str s, bool explanation, struct macro *m)
{
	struct str rest = str_skip(s, 1);
	if (!s.n || !is_alpha(s.p[0]) ||
		!strchr(explanation ? "slodiphvcrt" : "slodiphv", ascii_lower(s.p[0])))
		return 0;
	*m = (struct macro){.letter = ascii_lower(s.p[0])};
	m->escape = m->letter != s.p[0];
	size_t digits = count_of(rest, "0123456789");
	for (size_t i = 0; i < digits; i++)
		if (m->keep < 1000) /* more parts than anything has */
			m->keep = m->keep * 10 + (size_t)(rest.p[i] - '0');
	if (digits && m->keep == 0)
		return 0;
	rest = str_skip(rest, digits);
	m->reverse = rest.n && ascii_lower(rest.p[0]) == 'r';
	rest = str_skip(rest, m->reverse);
	m->delimiters = str_n(rest.p, count_of(rest, DELIMITERS));
	rest = str_skip(rest, m->delimiters.n);
	return rest.n && rest.p[0] == '}' ? (size_t)(rest.p - s.p) + 1 : 0;
}

static size_t
length(struct str s, bool explanation, struct macro *m)
{
	m->letter = '\0';
	if (s.n < 2 || s.p[0] != '%')
		return 0;
	if (s.p[1] == '%' || s.p[1] == '_' || s.p[1] == '-')
		return 2;
	size_t n = s.p[1] == '{' ? parse(str_skip(s, 2), explanation, m) : 0;
	return n ? n + 2 : 0;
}

size_t
spf_macro_length(struct str s, bool explanation)
{
	struct macro m;
	return length(s, explanation, &m);
}

bool
spf_macro_used(struct str text, char letter)
{
	struct macro m;
	for (size_t i = 0; i < text.n; i++) {
		size_t n = length(str_skip(text, i), true, &m);
		if (n && m.letter == letter)
			return true;
		i += n ? n - 1 : 0;
	}
	return false;
}

/* The nibbles in upper case, as the examples of RFC 4408 have them. */
static struct str
dotted(const struct ip *ip, char *out, size_t size)
{
	static const char hex[] = "0123456789ABCDEF";
	if (ip->family == AF_INET)
		return str_of(ip_text(ip, out));
	size_t n = 0;
	for (int i = 0; i < 32 && n + 2 < size; i++) {
		out[n++] = hex[ip->octets[i / 2] >> (i % 2 ? 0 : 4) & 15];
		out[n++] = '.';
	}
	return str_n(out, n - 1);
}

static struct str
value_of(char letter, const struct spf_macros *m, char *scratch, size_t size)
{
	const struct spf_query *q = m->query;
	const char *at = strrchr(q->sender, '@');
	switch (letter) {
	case 's':
		return str_of(q->sender);
	case 'l':
		return at ? str_n(q->sender, (size_t)(at - q->sender)) : str_of("postmaster");
	case 'o':
		return str_of(at ? at + 1 : q->sender);
	case 'd':
		return str_of(m->domain);
	case 'i':
		return dotted(&q->ip, scratch, size);
	case 'p':
		return str_of(m->validated ? m->validated : "unknown");
	case 'v':
		return str_of(q->ip.family == AF_INET ? "in-addr" : "ip6");
	case 'h':
		return str_of(q->helo);
	case 'c':
		return str_of(ip_text(&q->ip, scratch));
	case 'r':
		return str_of(q->receiver);
	default:
		(void)snprintf(scratch, size, "%lld", (long long)time(NULL));
		return str_of(scratch);
	}
}

static void
add_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (is_alpha(c) || is_digit(c) || (c != '\0' && strchr("-._~", c)))
			buf_addc(out, c);
		else
			buf_addf(out, "%%%02X", (unsigned char)c);
	}
}

static bool
is_delimiter(char c, struct str delimiters)
{
	return delimiters.n ? memchr(delimiters.p, c, delimiters.n) != NULL : c == '.';
}

/* Section 7.3: split, reverse, keep parts from the right, join with dots. */
static void
transform(struct buf *out, struct str value, const struct macro *m)
{
	struct str *parts = xcalloc(value.n + 1, sizeof(*parts));
	size_t n = 0, from = 0;
	for (size_t i = 0; i <= value.n; i++) {
		if (i < value.n && !is_delimiter(value.p[i], m->delimiters))
			continue;
		parts[n++] = str_n(value.p + from, i - from);
		from = i + 1;
	}
	size_t skip = m->keep && m->keep < n ? n - m->keep : 0;
	for (size_t i = skip; i < n; i++) {
		if (i > skip)
			buf_addc(out, '.');
		buf_adds(out, parts[m->reverse ? n - 1 - i : i]);
	}
	free(parts);
}

static void
add_macro(struct buf *out, const struct macro *m, const struct spf_macros *context)
{
	char scratch[80];
	struct buf text = {0};
	struct str value = value_of(m->letter, context, scratch, sizeof(scratch));
	if (m->reverse || m->keep || m->delimiters.n) {
		transform(&text, value, m);
		value = buf_str(&text);
	}
	if (m->escape)
		add_escaped(out, value);
	else
		buf_adds(out, value);
	buf_release(&text);
}

bool
spf_macro_expand(struct buf *out, struct str text, const struct spf_macros *m)
{
	struct macro macro;
	while (text.n && out->n <= SPF_MAX_EXPANSION) {
		if (text.p[0] != '%') {
			const char *next = memchr(text.p, '%', text.n);
			size_t plain = next ? (size_t)(next - text.p) : text.n;
			buf_add(out, text.p, plain);
			text = str_skip(text, plain);
			continue;
		}
		size_t n = length(text, m->explanation, &macro);
		if (n == 0)
			return false;
		if (macro.letter)
			add_macro(out, &macro, m);
		else
			buf_addstr(out, text.p[1] == '%'   ? "%"
					: text.p[1] == '_' ? " "
							   : "%20");
		text = str_skip(text, n);
	}
	return out->n <= SPF_MAX_EXPANSION;
}

bool
spf_name_possible(struct str name)
{
	size_t label = 0;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '\0' || (name.p[i] == '.' && label == 0))
			return false;
		label = name.p[i] == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0 && name.n <= MAX_NAME;
}

bool
spf_macro_name(char out[DNS_NAME_SIZE], struct str domain_spec, const struct spf_macros *m)
{
	struct buf text = {0};
	bool ok = spf_macro_expand(&text, domain_spec, m);
	struct str name = buf_str(&text);
	if (str_ends(name, STR(".")))
		name.n--;
	while (name.n > MAX_NAME && memchr(name.p, '.', name.n))
		(void)str_cut(&name, '.');
	(void)str_copy(name, out, DNS_NAME_SIZE);
	ok = ok && spf_name_possible(name);
	buf_release(&text);
	return ok;
}
