#include <string.h>

#include "charset.h"
#include "htmltext.h"
#include "mime_value.h"
#include "mimetext_part.h"
#include "transfer_encoding.h"

/* Octets of a part that are decoded: several times what is indexed, as HTML has more
 * markup than text. */
#define PART_MAX (12u << 20)
#define BOUNDARY_MAX 1000

struct part_walk {
	struct mimetext *text;
	size_t body_max;
	unsigned parts;
	bool charset_only;
	bool charset_known; /* there was a text part */
};

static void walk(struct part_walk *w, const struct message *m, int depth, bool in_digest);

static void
add_body(struct part_walk *w, struct str text)
{
	struct buf *body = &w->text->body;
	size_t room = w->body_max > body->n ? w->body_max - body->n : 0;
	if (text.n > room) {
		text.n = room;
		while (text.n && ((unsigned char)text.p[text.n] & 0xc0) == 0x80)
			text.n--;
	}
	buf_adds(body, text);
	if (text.n && body->n < w->body_max)
		buf_addc(body, '\n');
}

static void
add_html(struct part_walk *w, struct str html)
{
	struct buf *all = &w->text->html;
	size_t room = w->text->html_max > all->n ? w->text->html_max - all->n : 0;
	buf_adds(all, html.n < room ? html : str_n(html.p, room));
}

static struct str
field_value(const struct message *m, const char *name)
{
	const struct header_field *f = message_field(m, name);
	return f ? f->value : STR_NONE;
}

static void
text_part(struct part_walk *w, const struct message *m, const struct mime_value *type)
{
	struct buf octets = {0}, utf8 = {0}, plain = {0}, charset = {0};
	(void)mime_value_param(type, "charset", &charset);
	if (!w->charset_known)
		buf_adds(&w->text->charset, buf_str(&charset));
	w->charset_known = true;
	if (!w->charset_only && w->text->body.n < w->body_max && m->body.p) {
		transfer_decode(&octets, m->body, field_value(m, "Content-Transfer-Encoding"),
			PART_MAX);
		charset_to_utf8(&utf8, buf_str(&octets), buf_str(&charset));
		bool html = str_ieq(type->word, STR("text/html"));
		if (html) {
			add_html(w, buf_str(&utf8));
			htmltext(&plain, buf_str(&utf8));
		}
		add_body(w, buf_str(html ? &plain : &utf8));
	}
	buf_release(&octets);
	buf_release(&utf8);
	buf_release(&plain);
	buf_release(&charset);
}

static void
note_attachment(struct part_walk *w, struct str type, struct str name)
{
	w->text->attachments++;
	buf_adds(&w->text->types, type);
	buf_addc(&w->text->types, '\n');
	if (!name.p)
		return;
	size_t at = w->text->names.n;
	mimetext_header(&w->text->names, name, buf_str(&w->text->charset));
	if (w->text->names.n > at)
		buf_addc(&w->text->names, '\n');
}

/* Decoded, and kept nowhere. */
static void
measure(struct part_walk *w, const struct message *m)
{
	struct str encoding = field_value(m, "Content-Transfer-Encoding");
	struct buf octets = {0};
	size_t n = m->body.n;
	if (!w->text->measure)
		return;
	if (!transfer_is_identity(encoding)) {
		transfer_decode(&octets, m->body, encoding, m->body.n);
		n = octets.n;
	}
	if (n > w->text->largest)
		w->text->largest = n;
	buf_release(&octets);
}

/* RFC 2046 section 5.1.5 and RFC 2045 section 5.2: what a part is that does not say. */
static struct str
type_of(const struct mime_value *type, bool message)
{
	if (type->word.n)
		return type->word;
	return message ? STR("message/rfc822") : STR("text/plain");
}

/* A file name, or the disposition "attachment", makes an attachment; a message is one
 * always. */
static void
look_for_name(struct part_walk *w, const struct message *m, const struct mime_value *type,
	bool message)
{
	struct mime_value disposition = {0};
	struct buf name = {0};
	struct str value = field_value(m, "Content-Disposition");
	if (value.p)
		mime_value_parse(&disposition, value);
	bool named = mime_value_param(&disposition, "filename", &name) ||
		     mime_value_param(type, "name", &name);
	if (named || message || str_ieq(disposition.word, STR("attachment"))) {
		note_attachment(w, type_of(type, message), named ? buf_str(&name) : STR_NONE);
		if (!message)
			measure(w, m);
	}
	buf_release(&name);
	mime_value_release(&disposition);
}

/* The line at p, which begins with "--": is it the boundary, *last: the last one? */
static bool
is_boundary(struct str rest, struct str boundary, bool *last, size_t *length)
{
	const char *end = memchr(rest.p, '\n', rest.n);
	*length = end ? (size_t)(end - rest.p) + 1 : rest.n;
	struct str line = str_n(rest.p + 2, *length - 2);
	if (!str_starts(line, boundary))
		return false;
	line = str_skip(line, boundary.n);
	*last = str_starts(line, STR("--"));
	return str_trim(*last ? str_skip(line, 2) : line).n == 0;
}

/* The next boundary at or behind `from`: its place, or body.n where there is none. */
static size_t
find_boundary(struct str body, size_t from, struct str boundary, bool *last, size_t *length)
{
	while (from < body.n) {
		struct str rest = str_skip(body, from);
		if (str_starts(rest, STR("--")) && is_boundary(rest, boundary, last, length))
			return from;
		const char *next = memmem(rest.p, rest.n, "\n--", 3);
		if (!next)
			break;
		from = (size_t)(next - body.p) + 1;
	}
	*last = true;
	*length = 0;
	return body.n;
}

/* Without the line end that belongs to the boundary behind it. */
static struct str
without_line_end(struct str part)
{
	if (part.n && part.p[part.n - 1] == '\n')
		part.n--;
	if (part.n && part.p[part.n - 1] == '\r')
		part.n--;
	return part;
}

static void
inner_part(struct part_walk *w, struct str octets, int depth, bool in_digest)
{
	struct message m = {0};
	if (depth > MIMETEXT_MAX_DEPTH || ++w->parts > MIMETEXT_MAX_PARTS)
		return;
	message_parse(&m, octets);
	walk(w, &m, depth, in_digest);
	message_release(&m);
}

/* False when the boundary is nowhere. */
static bool
multipart(struct part_walk *w, struct str body, struct str boundary, int depth, bool digest)
{
	bool last;
	size_t length, at = find_boundary(body, 0, boundary, &last, &length);
	if (at == body.n)
		return false;
	while (!last && w->parts <= MIMETEXT_MAX_PARTS) {
		size_t from = at + length;
		at = find_boundary(body, from, boundary, &last, &length);
		struct str part = str_n(body.p + from, at - from);
		inner_part(w, length ? without_line_end(part) : part, depth + 1, digest);
	}
	return true;
}

static bool
try_multipart(
	struct part_walk *w, const struct message *m, const struct mime_value *type, int depth)
{
	struct buf boundary = {0};
	bool done = false;
	if (mime_value_param(type, "boundary", &boundary) && m->body.p) {
		struct str b = str_trim(buf_str(&boundary));
		if (b.n && b.n <= BOUNDARY_MAX)
			done = multipart(w, m->body, b, depth,
				str_ieq(type->word, STR("multipart/digest")));
	}
	buf_release(&boundary);
	return done;
}

static void
inner_message(
	struct part_walk *w, const struct message *m, const struct mime_value *type, int depth)
{
	struct buf octets = {0}, subject = {0};
	struct message inner = {0};
	look_for_name(w, m, type, true);
	if (!m->body.p || depth >= MIMETEXT_MAX_DEPTH || ++w->parts > MIMETEXT_MAX_PARTS)
		return;
	struct str encoding = field_value(m, "Content-Transfer-Encoding");
	bool plain = transfer_is_identity(encoding);
	if (!plain)
		transfer_decode(&octets, m->body, encoding, PART_MAX);
	message_parse(&inner, plain ? m->body : buf_str(&octets));
	struct str value = field_value(&inner, "Subject");
	if (value.p && !w->charset_only) {
		mimetext_header(&subject, value, buf_str(&w->text->charset));
		add_body(w, buf_str(&subject));
	}
	walk(w, &inner, depth + 1, false);
	message_release(&inner);
	buf_release(&subject);
	buf_release(&octets);
}

static bool
is_message(struct str type, bool in_digest)
{
	static const char *const types[] = {"message/rfc822", "message/news", "message/global"};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_ieq(type, str_of(types[i])))
			return true;
	return in_digest && type.n == 0;
}

/* RFC 2045 section 5.2: what is no type is text. */
static bool
is_text(struct str type)
{
	const char *slash = type.n ? memchr(type.p, '/', type.n) : NULL;
	return !slash || str_istarts(type, STR("text/"));
}

static void
walk(struct part_walk *w, const struct message *m, int depth, bool in_digest)
{
	struct mime_value type = {0};
	struct str value = field_value(m, "Content-Type");
	if (w->charset_only && w->charset_known)
		return;
	if (value.p)
		mime_value_parse(&type, value);
	if (is_message(type.word, in_digest)) {
		inner_message(w, m, &type, depth);
	} else if (str_istarts(type.word, STR("multipart/"))) {
		if (!try_multipart(w, m, &type, depth))
			text_part(w, m, &type);
	} else {
		if (!w->charset_only)
			look_for_name(w, m, &type, false);
		if (is_text(type.word))
			text_part(w, m, &type);
	}
	mime_value_release(&type);
}

void
mimetext_message(struct mimetext *t, const struct message *m, size_t body_max)
{
	struct part_walk w = {.text = t, .body_max = body_max};
	walk(&w, m, 0, false);
}

void
mimetext_charset(struct buf *out, const struct message *m)
{
	struct mimetext t = {0};
	struct part_walk w = {.text = &t, .charset_only = true};
	walk(&w, m, 0, false);
	buf_adds(out, buf_str(&t.charset));
	mimetext_release(&t);
}
