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
	if (n == 0 || n > 64 || s.n > ADDRESS_MAX || n + 1 >= s.n || s.p[n] != '@')
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

/* RFC 5321 appendix C: a source route is accepted and ignored. */
static struct str
without_source_route(struct str inner)
{
	if (inner.n == 0 || inner.p[0] != '@')
		return inner;
	const char *colon = memchr(inner.p, ':', inner.n);
	return colon ? str_skip(inner, (size_t)(colon - inner.p) + 1) : inner;
}

int
path_parse(struct str s, struct path *out)
{
	if (s.n < 2 || s.p[0] != '<')
		return -1;
	size_t end = closing_bracket(s);
	if (end == 0 || (end + 1 < s.n && s.p[end + 1] != ' '))
		return -1;
	struct str inner = without_source_route(str_n(s.p + 1, end - 1));
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

static bool
give_address(struct buf *spec, address_each *each, void *arg)
{
	bool go_on = true;
	if (spec->n && memchr(spec->p, '@', spec->n))
		go_on = each(arg, buf_str(spec));
	buf_reset(spec);
	return go_on;
}

/* One scan over the field: words collect in `spec`; what stands before a '<' or
 * the ':' of a group was a display name and is thrown away; after a '>' what
 * was collected stays. */
void
address_list_each(struct str s, address_each *each, void *arg)
{
	struct buf spec = {0};
	bool angle_seen = false, go_on = true;
	for (size_t i = 0; i < s.n && go_on;) {
		struct str rest = str_skip(s, i);
		char c = *rest.p;
		size_t step = 1;
		if (c == '(') {
			step = skip_comment(rest);
		} else if (c == '"') {
			size_t len = quoted_length(rest);
			step = len ? len : 1;
			if (!angle_seen && len)
				buf_add(&spec, rest.p, len);
		} else if (c == ',' || c == ';') {
			go_on = give_address(&spec, each, arg);
			angle_seen = false;
		} else if (c == '<') {
			const char *end = memchr(rest.p, '>', rest.n);
			step = end ? (size_t)(end - rest.p) + 1 : rest.n;
			buf_reset(&spec);
			buf_adds(&spec, str_trim(without_source_route(
						str_n(rest.p + 1, step - (end ? 2 : 1)))));
			angle_seen = true;
		} else if (c == ':' && !angle_seen) {
			buf_reset(&spec);
		} else if (!angle_seen && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
			buf_addc(&spec, c);
		}
		i += step;
	}
	if (go_on)
		give_address(&spec, each, arg);
	buf_release(&spec);
}
