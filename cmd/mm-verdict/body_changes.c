#include "base64.h"
#include "body_changes.h"
#include "tags.h"

#define QP_LINE 76
#define BASE64_LINE 76

/* Gives each line without its CRLF to `put`; false if no line was changed. */
static bool
each_line(struct str body, struct buf *out, bool (*put)(struct buf *out, struct str line))
{
	bool changed = false;
	while (body.n) {
		struct str line = str_cut(&body, '\n');
		line.n -= line.n && line.p[line.n - 1] == '\r';
		changed |= put(out, line);
		buf_add(out, "\r\n", 2);
	}
	return changed;
}

static bool
put_unquoted(struct buf *out, struct str line)
{
	bool quoted = str_starts(line, STR(">From "));
	buf_adds(out, str_skip(line, quoted));
	return quoted;
}

static bool
unquote_from(const struct message *msg, struct buf *before)
{
	return each_line(msg->body, before, put_unquoted);
}

static bool
put_unstuffed(struct buf *out, struct str line)
{
	bool stuffed = str_starts(line, STR(".."));
	buf_adds(out, str_skip(line, stuffed));
	return stuffed;
}

static bool
unstuff(const struct message *msg, struct buf *before)
{
	return each_line(msg->body, before, put_unstuffed);
}

static bool
put_stuffed(struct buf *out, struct str line)
{
	bool dot = str_starts(line, STR("."));
	if (dot)
		buf_addc(out, '.');
	buf_adds(out, line);
	return dot;
}

static bool
stuff(const struct message *msg, struct buf *before)
{
	return each_line(msg->body, before, put_stuffed);
}

static bool
put_without_cr(struct buf *out, struct str line)
{
	size_t n = out->n;
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] != '\r')
			buf_addc(out, line.p[i]);
	return out->n - n != line.n;
}

static bool
without_bare_cr(const struct message *msg, struct buf *before)
{
	return each_line(msg->body, before, put_without_cr);
}

/* Every line end was made two. */
static bool
single_spaced(const struct message *msg, struct buf *before)
{
	struct str rest = msg->body;
	while (rest.n) {
		buf_adds(before, str_cut(&rest, '\n'));
		buf_addc(before, '\n');
		struct str empty = str_cut(&rest, '\n');
		if (empty.n > 1)
			return false;
	}
	return before->n > 0;
}

static bool
encoded_as(const struct message *msg, struct str encoding)
{
	const struct header_field *f = message_field(msg, "Content-Transfer-Encoding");
	return f && str_ieq(str_trim(f->value), encoding);
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
from_quoted_printable(const struct message *msg, struct buf *before)
{
	struct str s = msg->body;
	if (!encoded_as(msg, STR("quoted-printable")))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '=' || i + 2 >= s.n) {
			buf_addc(before, s.p[i]);
			continue;
		}
		int high = hex(s.p[i + 1]), low = hex(s.p[i + 2]);
		bool soft = s.p[i + 1] == '\r' && s.p[i + 2] == '\n';
		if (!soft && (high < 0 || low < 0))
			return false;
		if (!soft)
			buf_addc(before, (char)(high << 4 | low));
		i += 2;
	}
	return true;
}

static bool
from_base64(const struct message *msg, struct buf *before)
{
	struct buf text = {0};
	if (!encoded_as(msg, STR("base64")))
		return false;
	tag_unspaced(msg->body, &text);
	bool good = base64_decode(buf_str(&text), before) == 0;
	buf_release(&text);
	return good;
}

static bool
put_quoted_printable(struct buf *out, struct str line)
{
	size_t column = 0;
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];
		bool last = i + 1 == line.n, space = c == ' ' || c == '\t';
		bool plain = (c > ' ' && c < 0x7f && c != '=') || (space && !last);
		size_t width = plain ? 1 : 3;
		if (column + width > QP_LINE - (last ? 0 : 1)) {
			buf_addstr(out, "=\r\n");
			column = 0;
		}
		if (plain)
			buf_addc(out, (char)c);
		else
			buf_addf(out, "=%02X", c);
		column += width;
	}
	return true;
}

static bool
to_quoted_printable(const struct message *msg, struct buf *before)
{
	return !encoded_as(msg, STR("quoted-printable")) && !encoded_as(msg, STR("base64")) &&
	       each_line(msg->body, before, put_quoted_printable);
}

static bool
to_base64(const struct message *msg, struct buf *before)
{
	struct buf text = {0};
	if (encoded_as(msg, STR("base64")) || msg->body.n > INT32_MAX / 2)
		return false;
	base64_encode(msg->body, &text);
	for (struct str rest = buf_str(&text); rest.n; rest = str_skip(rest, BASE64_LINE)) {
		buf_adds(before, str_n(rest.p, rest.n < BASE64_LINE ? rest.n : BASE64_LINE));
		buf_add(before, "\r\n", 2);
	}
	buf_release(&text);
	return true;
}

#define ENCODE "send text in 7 bits (quoted-printable, base64), which nobody has to encode"

const struct body_change body_changes[] = {
	{from_quoted_printable, "the body was encoded as quoted-printable on its way", ENCODE},
	{from_base64, "the body was encoded as base64 on its way", ENCODE},
	{to_quoted_printable, "the body was quoted-printable and has been decoded on its way",
		"let no server on the way decode bodies"},
	{to_base64, "the body was base64 and has been decoded on its way",
		"let no server on the way decode bodies"},
	{unquote_from, "\"From \" at the beginning of a line was made \">From \"",
		"do not deliver to mboxes, or encode the F; sign after that is done"},
	{unstuff, "lines that begin with a dot have a second one",
		"find out who does not take away what SMTP puts before a dot"},
	{stuff, "lines that begin with a dot have lost one",
		"find out who does not put a dot before one in SMTP"},
	{without_bare_cr, "carriage returns were put into lines",
		"find out who writes CRLF where there was CRLF already"},
	{single_spaced, "every line end was made two",
		"find out who writes CRLF as two line ends"},
	{NULL, NULL, NULL},
};
