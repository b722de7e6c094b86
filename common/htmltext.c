#include <stdlib.h>
#include <string.h>

#include "htmltext.h"
#include "utf8_put.h"

struct entity {
	const char *name;
	unsigned code;
};

/* HTML 4's Latin-1 letters and what mail composers write; sorted for bsearch. */
static const struct entity entities[] = {
	{"AElig", 0xc6},
	{"Aacute", 0xc1},
	{"Acirc", 0xc2},
	{"Agrave", 0xc0},
	{"Aring", 0xc5},
	{"Atilde", 0xc3},
	{"Auml", 0xc4},
	{"Ccedil", 0xc7},
	{"ETH", 0xd0},
	{"Eacute", 0xc9},
	{"Ecirc", 0xca},
	{"Egrave", 0xc8},
	{"Euml", 0xcb},
	{"Iacute", 0xcd},
	{"Icirc", 0xce},
	{"Igrave", 0xcc},
	{"Iuml", 0xcf},
	{"Ntilde", 0xd1},
	{"OElig", 0x152},
	{"Oacute", 0xd3},
	{"Ocirc", 0xd4},
	{"Ograve", 0xd2},
	{"Oslash", 0xd8},
	{"Otilde", 0xd5},
	{"Ouml", 0xd6},
	{"Scaron", 0x160},
	{"THORN", 0xde},
	{"Uacute", 0xda},
	{"Ucirc", 0xdb},
	{"Ugrave", 0xd9},
	{"Uuml", 0xdc},
	{"Yacute", 0xdd},
	{"Yuml", 0x178},
	{"Zcaron", 0x17d},
	{"aacute", 0xe1},
	{"acirc", 0xe2},
	{"aelig", 0xe6},
	{"agrave", 0xe0},
	{"amp", '&'},
	{"apos", '\''},
	{"aring", 0xe5},
	{"atilde", 0xe3},
	{"auml", 0xe4},
	{"bull", 0x2022},
	{"ccedil", 0xe7},
	{"cent", 0xa2},
	{"copy", 0xa9},
	{"deg", 0xb0},
	{"eacute", 0xe9},
	{"ecirc", 0xea},
	{"egrave", 0xe8},
	{"eth", 0xf0},
	{"euml", 0xeb},
	{"euro", 0x20ac},
	{"gt", '>'},
	{"hellip", 0x2026},
	{"iacute", 0xed},
	{"icirc", 0xee},
	{"igrave", 0xec},
	{"iuml", 0xef},
	{"laquo", 0xab},
	{"ldquo", 0x201c},
	{"lsquo", 0x2018},
	{"lt", '<'},
	{"mdash", 0x2014},
	{"middot", 0xb7},
	{"nbsp", ' '},
	{"ndash", 0x2013},
	{"ntilde", 0xf1},
	{"oacute", 0xf3},
	{"ocirc", 0xf4},
	{"oelig", 0x153},
	{"ograve", 0xf2},
	{"ordf", 0xaa},
	{"ordm", 0xba},
	{"oslash", 0xf8},
	{"otilde", 0xf5},
	{"ouml", 0xf6},
	{"pound", 0xa3},
	{"quot", '"'},
	{"raquo", 0xbb},
	{"rdquo", 0x201d},
	{"reg", 0xae},
	{"rsquo", 0x2019},
	{"sbquo", 0x201a},
	{"scaron", 0x161},
	{"sect", 0xa7},
	{"shy", 0xad},
	{"szlig", 0xdf},
	{"thorn", 0xfe},
	{"times", 0xd7},
	{"trade", 0x2122},
	{"uacute", 0xfa},
	{"ucirc", 0xfb},
	{"ugrave", 0xf9},
	{"uuml", 0xfc},
	{"yacute", 0xfd},
	{"yen", 0xa5},
	{"yuml", 0xff},
	{"zcaron", 0x17e},
};

/* Elements whose tags do not part words: "<b>w</b>ord" is one word. */
static const char *const inline_elements[] = {"a", "abbr", "acronym", "b", "big", "em", "font",
	"i", "ins", "mark", "o:p", "s", "small", "span", "strike", "strong", "tt", "u", "wbr"};

/* Elements that part words and do not begin a line; all others do. */
static const char *const cell_elements[] = {"td", "th", "img", "input", "button", "label"};

/* Elements whose content nobody reads. */
static const char *const hidden_elements[] = {"script", "style"};

static bool
listed(struct str name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(name, str_of(list[i])))
			return true;
	return false;
}

static int
compare_entity(const void *key, const void *element)
{
	return strcmp(key, ((const struct entity *)element)->name);
}

static unsigned
number_of(struct str digits)
{
	bool hex = digits.n && (digits.p[0] == 'x' || digits.p[0] == 'X');
	unsigned code = 0;
	if (hex)
		digits = str_skip(digits, 1);
	for (size_t i = 0; i < digits.n && code <= 0x10ffff; i++) {
		int c = (unsigned char)ascii_lower(digits.p[i]);
		if (c >= '0' && c <= '9')
			code = code * (hex ? 16 : 10) + (unsigned)(c - '0');
		else if (hex && c >= 'a' && c <= 'f')
			code = code * 16 + (unsigned)(c - 'a' + 10);
		else
			return 0;
	}
	return code;
}

/* Resolves the character reference at the start of s, which is a '&'.  Returns
 * how many octets it took; 1 when it is none. */
static size_t
reference(struct buf *out, struct str s)
{
	char name[12];
	size_t n = 1;
	while (n < s.n && n < sizeof(name) && s.p[n] != ';' && s.p[n] != '&' &&
		(unsigned char)s.p[n] > ' ' && s.p[n] != '<')
		n++;
	unsigned code = 0;
	if (n > 2 && s.p[1] == '#') {
		code = number_of(str_n(s.p + 2, n - 2));
	} else if (n > 1 && n < s.n && s.p[n] == ';' &&
		   str_copy(str_n(s.p + 1, n - 1), name, sizeof(name))) {
		const struct entity *e =
			bsearch(name, entities, sizeof(entities) / sizeof(entities[0]),
				sizeof(entities[0]), compare_entity);
		code = e ? e->code : 0;
	}
	if (code == 0 || !utf8_put(out, code)) {
		buf_addc(out, '&');
		return 1;
	}
	return n < s.n && s.p[n] == ';' ? n + 1 : n;
}

/* What was looked for in vain up to the end of the text is not looked for again
 * from each later place. */
struct html {
	bool quotes_broken, comments_broken;
	bool lines; /* for people */
};

/* Length of the tag at the start of s, quoted attribute values seen through. */
static size_t
tag_length(struct html *h, struct str s)
{
	char quote = 0;
	for (size_t i = 1; i < s.n && !h->quotes_broken; i++) {
		char c = s.p[i];
		if (quote)
			quote = c == quote ? 0 : quote;
		else if ((c == '"' || c == '\'') && s.p[i - 1] == '=')
			quote = c;
		else if (c == '>')
			return i + 1;
	}
	h->quotes_broken = true; /* one never ends */
	const char *gt = memchr(s.p, '>', s.n);
	return gt ? (size_t)(gt - s.p) + 1 : s.n;
}

static size_t
comment_length(struct html *h, struct str s)
{
	const char *end = h->comments_broken ? NULL : memmem(s.p, s.n, "-->", 3);
	h->comments_broken = !end;
	return end ? (size_t)(end - s.p) + 3 : tag_length(h, s);
}

static struct str
tag_name(struct str tag)
{
	size_t from = tag.n > 1 && tag.p[1] == '/' ? 2 : 1, n = from;
	while (n < tag.n && !strchr(" \t\r\n/>", tag.p[n]))
		n++;
	return str_n(tag.p + from, n > from ? n - from : 0);
}

/* From behind <script> to the start of </script>. */
static size_t
hidden_length(struct str s, struct str name)
{
	for (size_t i = 0; i + name.n + 2 <= s.n; i++) {
		const char *lt = memchr(s.p + i, '<', s.n - i);
		if (!lt)
			break;
		i = (size_t)(lt - s.p);
		if (i + name.n + 2 <= s.n && lt[1] == '/' &&
			str_ieq(str_n(lt + 2, name.n), name))
			return i;
	}
	return s.n;
}

static bool
begins_line(struct str name)
{
	return !listed(name, cell_elements, sizeof(cell_elements) / sizeof(char *));
}

static size_t
markup(struct html *h, struct buf *out, struct str s)
{
	if (str_starts(s, STR("<!--")))
		return comment_length(h, s);
	unsigned char next = s.n > 1 ? (unsigned char)ascii_lower(s.p[1]) : 0;
	if (!(next >= 'a' && next <= 'z') && next != '/' && next != '!' && next != '?') {
		buf_addc(out, '<');
		return 1;
	}
	size_t n = tag_length(h, s);
	struct str name = tag_name(str_n(s.p, n));
	if (!listed(name, inline_elements, sizeof(inline_elements) / sizeof(char *)))
		buf_addc(out, h->lines && begins_line(name) ? '\n' : ' ');
	if (s.p[1] != '/' &&
		listed(name, hidden_elements, sizeof(hidden_elements) / sizeof(char *)))
		n += hidden_length(str_skip(s, n), name);
	return n;
}

static void
add_plain(const struct html *h, struct buf *out, struct str text)
{
	size_t at = out->n;
	buf_adds(out, text);
	for (; h->lines && at < out->n; at++)
		if (out->p[at] == '\n' || out->p[at] == '\r' || out->p[at] == '\t')
			out->p[at] = ' ';
}

static void
read_all(struct html *h, struct buf *out, struct str html)
{
	while (html.n) {
		size_t plain = 0;
		while (plain < html.n && html.p[plain] != '<' && html.p[plain] != '&')
			plain++;
		add_plain(h, out, str_n(html.p, plain));
		html = str_skip(html, plain);
		if (html.n == 0)
			return;
		html = str_skip(
			html, html.p[0] == '<' ? markup(h, out, html) : reference(out, html));
	}
}

void
htmltext(struct buf *out, struct str html)
{
	struct html h = {0};
	read_all(&h, out, html);
}

void
htmltext_lines(struct buf *out, struct str html)
{
	struct html h = {.lines = true};
	struct buf loose = {0};
	read_all(&h, &loose, html);
	struct str rest = buf_str(&loose);
	size_t from = out->n;
	while (rest.p) {
		struct str line = str_cut(&rest, '\n');
		bool empty = true;
		for (struct str word; (word = str_word(&line)).n; empty = false) {
			if (!empty)
				buf_addc(out, ' ');
			buf_adds(out, word);
		}
		bool last_empty =
			out->n == from || (out->n > from + 1 && out->p[out->n - 1] == '\n' &&
						  out->p[out->n - 2] == '\n');
		if (!empty || !last_empty)
			buf_addc(out, '\n');
	}
	buf_release(&loose);
}
