#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "buf.h"
#include "num.h"
#include "utf8.h"

static bool
is_alnum(char c)
{
	c = ascii_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* atext of RFC 5322 section 3.2.3, and UTF-8 by RFC 6532 */
static bool
is_atext(char c)
{
	return is_alnum(c) || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

bool
domain_valid(struct str s)
{
	if (s.n == 0 || s.n > 253)
		return false;
	for (struct str rest = s; rest.p;) {
		struct str label = str_cut(&rest, '.');
		if (label.n == 0 || label.n > 63 || label.p[0] == '-' ||
			label.p[label.n - 1] == '-')
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!is_alnum(label.p[i]) && label.p[i] != '-' && label.p[i] != '_' &&
				(unsigned char)label.p[i] < 0x80)
				return false;
	}
	return true;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]": RFC 5321 section 4.1.3.  Only the
 * characters are checked. */
static bool
address_literal(struct str s)
{
	if (s.n < 3 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return false;
	for (size_t i = 1; i < s.n - 1; i++)
		if (!is_alnum(s.p[i]) && s.p[i] != '.' && s.p[i] != ':' && s.p[i] != '-')
			return false;
	return true;
}

/* Length of the quoted string at the start of s, 0 when it does not end or has
 * a control character. */
static size_t
quoted_length(struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] == '\\')
			i++;
		if (i < s.n && ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f))
			return 0;
	}
	return 0;
}

/* Length of the local part at the start of s, 0 if there is none. */
static size_t
local_length(struct str s)
{
	size_t n = 0;
	if (s.n && s.p[0] == '"')
		return quoted_length(s);
	while (n < s.n && (is_atext(s.p[n]) || (s.p[n] == '.' && n > 0 && s.p[n - 1] != '.')))
		n++;
	return n > 0 && s.p[n - 1] == '.' ? 0 : n;
}

int
address_parse(struct str s, struct path *out)
{
	*out = (struct path){.address = s};
	size_t n = local_length(s);
	if (n == 0 || s.n > ADDRESS_MAX || n + 1 >= s.n || s.p[n] != '@')
		return -1;
	out->local = str_n(s.p, n);
	out->domain = str_skip(s, n + 1);
	if (!domain_valid(out->domain) && !address_literal(out->domain))
		return -1;
	for (size_t i = 0; i < s.n; i++)
		out->utf8 |= (unsigned char)s.p[i] >= 0x80;
	return utf8_valid(s) ? 0 : -1;
}

static size_t
closing_bracket(struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '>')
			return i;
		if (s.p[i] != '"')
			continue;
		size_t len = quoted_length(str_skip(s, i));
		if (len == 0)
			return 0;
		i += len - 1;
	}
	return 0;
}

/* RFC 5321 appendix C: a source route, "@a,@b:", is accepted and ignored. */
static int
skip_source_route(struct str *inner)
{
	bool more = inner->n > 0 && inner->p[0] == '@';
	while (more) {
		size_t n = 1;
		while (n < inner->n && inner->p[n] != ',' && inner->p[n] != ':')
			n++;
		if (inner->p[0] != '@' || n + 1 >= inner->n ||
			!domain_valid(str_n(inner->p + 1, n - 1)))
			return -1;
		more = inner->p[n] == ',';
		*inner = str_skip(*inner, n + 1);
	}
	return 0;
}

int
path_parse(struct str s, struct path *out)
{
	if (s.n < 2 || s.p[0] != '<')
		return -1;
	size_t end = closing_bracket(s);
	if (end == 0 || (end + 1 < s.n && s.p[end + 1] != ' '))
		return -1;
	struct str inner = str_n(s.p + 1, end - 1);
	if (skip_source_route(&inner) < 0)
		return -1;
	*out = (struct path){.address = inner};
	if (str_ieq(inner, STR("postmaster")))
		out->local = inner;
	else if (inner.n > 0 && address_parse(inner, out) < 0)
		return -1;
	out->params = str_trim(str_skip(s, end + 1));
	return 0;
}

struct str
path_param(const struct path *p, const char *keyword)
{
	struct str rest = p->params;
	while (rest.n) {
		struct str word = str_word(&rest);
		struct str value = word, key = str_cut(&value, '=');
		if (key.n && str_ieq(key, str_of(keyword)))
			return value.p ? value : STR("");
	}
	return STR_NONE;
}

static size_t
skip_comment(struct str s)
{
	int depth = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return s.n;
}

/* One scan over a field: the words of an address collect in `spec`; what stands
 * before a '<' or the ':' of a group was a display name and is thrown away, what
 * stands behind a '>' is passed over. */
struct list_scan {
	struct buf spec;
	bool angle;  /* within <> */
	bool closed; /* behind the '>' */
	bool space;  /* since the last word: white space or a comment */
	bool stopped;
	bool no_quote, no_bracket; /* from here on none closes: not looked for again */
	address_each *each;
	void *arg;
};

static void
give_address(struct list_scan *l)
{
	if (!l->stopped && l->spec.n && memchr(l->spec.p, '@', l->spec.n))
		l->stopped = !l->each(l->arg, buf_str(&l->spec));
	buf_reset(&l->spec);
}

static void
end_address(struct list_scan *l)
{
	give_address(l);
	l->angle = l->closed = l->space = false;
}

static bool
joins(char c)
{
	return c == '@' || c == '.';
}

/* RFC 5322 section 4.4 allows "bob @ example . org"; other words side by side
 * are no address together. */
static void
add_word(struct list_scan *l, struct str word)
{
	if (l->closed)
		return;
	if (l->space && l->spec.n && !joins(l->spec.p[l->spec.n - 1]) && !joins(word.p[0]))
		give_address(l);
	buf_adds(&l->spec, word);
	l->space = false;
}

static size_t
enclosed_length(struct str s, char end)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == end)
			return i + 1;
		if (s.p[i] == '\\')
			i++;
	}
	return 0;
}

static size_t
add_enclosed(struct list_scan *l, struct str rest, char end, bool *none)
{
	size_t n = *none ? 0 : enclosed_length(rest, end);
	*none = n == 0;
	if (n)
		add_word(l, str_n(rest.p, n));
	return n ? n : 1;
}

static void
open_angle(struct list_scan *l)
{
	if (l->closed)
		end_address(l);
	buf_reset(&l->spec);
	l->angle = true;
}

/* Takes what is at the start of rest; returns its length. */
static size_t
scan_one(struct list_scan *l, struct str rest)
{
	bool in_route = l->angle && l->spec.n && l->spec.p[0] == '@';
	switch (rest.p[0]) {
	case '(':
		l->space = true;
		return skip_comment(rest);
	case '"':
		return add_enclosed(l, rest, '"', &l->no_quote);
	case '[':
		return add_enclosed(l, rest, ']', &l->no_bracket);
	case ',':
	case ';':
		if (!in_route)
			end_address(l);
		return 1;
	case '<':
		open_angle(l);
		return 1;
	case '>':
		l->closed = l->closed || l->angle;
		l->angle = false;
		return 1;
	case ':':
		if (!l->closed)
			buf_reset(&l->spec);
		return 1;
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		l->space = true;
		return 1;
	default:
		add_word(l, str_n(rest.p, 1));
		return 1;
	}
}

void
address_list_each(struct str field_value, address_each *each, void *arg)
{
	struct list_scan l = {.each = each, .arg = arg};
	struct str rest = field_value;
	while (rest.n && !l.stopped)
		rest = str_skip(rest, scan_one(&l, rest));
	give_address(&l);
	buf_release(&l.spec);
}
