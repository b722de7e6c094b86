#include "buf.h"
#include "links.h"
#include "num.h"
#include "utf8_put.h"

#define MAX_VALUE 8192 /* octets of an attribute that are looked at */

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* A numeric reference at the start of s: its length, 0 when there is none. */
static size_t
numeric_reference(struct str s, uint32_t *code)
{
	bool hex = s.n > 2 && ascii_lower(s.p[2]) == 'x';
	size_t i = hex ? 3 : 2, first = i;
	if (s.n < 3 || s.p[0] != '&' || s.p[1] != '#')
		return 0;
	for (*code = 0; i < s.n && i < first + 8; i++) {
		char c = ascii_lower(s.p[i]);
		uint32_t digit = c >= '0' && c <= '9'          ? (uint32_t)(c - '0')
				 : hex && c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
							       : 16;
		if (digit == 16)
			break;
		*code = *code * (hex ? 16 : 10) + digit;
	}
	if (i == first)
		return 0;
	return i + (i < s.n && s.p[i] == ';');
}

/* The references by name that may stand in an address. */
static size_t
named_reference(struct str s, char *c)
{
	static const struct {
		const char *name;
		char c;
	} names[] = {{"&amp;", '&'}, {"&colon;", ':'}, {"&sol;", '/'}, {"&period;", '.'},
		{"&commat;", '@'}, {"&bsol;", '\\'}, {"&quest;", '?'}, {"&num;", '#'},
		{"&percnt;", '%'}, {"&lowbar;", '_'}, {"&Tab;", '\t'}, {"&NewLine;", '\n'},
		{"&quot;", '"'}, {"&lt;", '<'}, {"&gt;", '>'}};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct str name = str_of(names[i].name);
		if (str_starts(s, name)) {
			*c = names[i].c;
			return name.n;
		}
	}
	return 0;
}

/* An attribute's value as a browser reads a URL: references resolved, line ends and
 * tabs left out. */
static void
add_value(struct buf *out, struct str s)
{
	while (s.n) {
		uint32_t code = 0;
		char c = s.p[0];
		size_t len = numeric_reference(s, &code);
		if (len && code >= 0x80) {
			utf8_put(out, code);
		} else {
			c = len ? (char)code : c;
			len = len ? len : named_reference(s, &c);
			if (c != '\t' && c != '\n' && c != '\r')
				buf_addc(out, c);
		}
		s = str_skip(s, len ? len : 1);
	}
}

static void
look_at(struct str value, link_host *each, void *arg)
{
	struct buf b = {0};
	add_value(&b, value.n < MAX_VALUE ? value : str_n(value.p, MAX_VALUE));
	struct str text = str_trim(buf_str(&b));
	bool slash = text.n > 1 && (text.p[0] == '/' || text.p[0] == '\\') &&
		     (text.p[1] == '/' || text.p[1] == '\\');
	if (slash) {
		struct buf whole = {0};
		buf_addstr(&whole, "http:");
		buf_adds(&whole, text);
		links_in_text(buf_str(&whole), each, arg);
		buf_release(&whole);
	} else {
		links_in_text(text, each, arg);
	}
	buf_release(&b);
}

/* The value behind an "="; *rest is then behind it. */
static struct str
take_value(struct str *rest)
{
	struct str s = *rest;
	while (s.n && is_space(s.p[0]))
		s = str_skip(s, 1);
	char quote = s.n && (s.p[0] == '"' || s.p[0] == '\'') ? s.p[0] : '\0';
	s = str_skip(s, quote != '\0');
	size_t n = 0;
	while (n < s.n && (quote ? s.p[n] != quote : !is_space(s.p[n]) && s.p[n] != '>'))
		n++;
	*rest = str_skip(s, n + (quote != '\0'));
	return str_n(s.p, n);
}

void
links_in_html(struct str html, link_host *each, void *arg)
{
	while (html.n) {
		const char *tag = memchr(html.p, '<', html.n);
		if (!tag)
			return;
		html = str_skip(html, (size_t)(tag - html.p) + 1);
		while (html.n && html.p[0] != '>' && html.p[0] != '<') {
			bool value = html.p[0] == '=';
			html = str_skip(html, 1);
			if (value)
				look_at(take_value(&html), each, arg);
		}
	}
}
