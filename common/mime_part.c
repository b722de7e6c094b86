#include <string.h>

#include "mime_part.h"
#include "transfer_encoding.h"

#define BOUNDARY_MAX 1000

struct mime_walk {
	mime_visit *visit;
	void *arg;
	unsigned parts;
	bool ended;
};

/* Where a part stands. */
struct place {
	int depth;
	bool in_digest, in_message;
	struct mime_choice *choice;
};

static void walk(struct mime_walk *w, const struct message *m, struct place at);

static struct str
field_value(const struct message *m, const char *name)
{
	const struct header_field *f = message_field(m, name);
	return f ? f->value : STR_NONE;
}

/* RFC 2046 section 5.1.5 and RFC 2045 section 5.2: what a part is that does not say. */
struct str
mime_part_type(const struct mime_part *p)
{
	if (p->type.word.n)
		return p->type.word;
	return p->kind == MIME_MESSAGE ? STR("message/rfc822") : STR("text/plain");
}

bool
mime_part_attached(const struct mime_part *p, struct buf *name)
{
	struct mime_value disposition = {0};
	struct str value = field_value(p->m, "Content-Disposition");
	if (p->kind == MIME_BROKEN)
		return false;
	if (value.p)
		mime_value_parse(&disposition, value);
	bool attached = mime_value_param(&disposition, "filename", name) ||
			mime_value_param(&p->type, "name", name) || p->kind == MIME_MESSAGE ||
			str_ieq(disposition.word, STR("attachment"));
	mime_value_release(&disposition);
	return attached;
}

bool
mime_part_is_plain(const struct mime_part *p)
{
	return transfer_is_identity(field_value(p->m, "Content-Transfer-Encoding"));
}

struct str
mime_part_octets(const struct mime_part *p, size_t max, struct buf *decoded)
{
	struct str body = p->m->body.p ? p->m->body : STR("");
	if (mime_part_is_plain(p))
		return body.n > max ? str_n(body.p, max) : body;
	transfer_decode(decoded, body, field_value(p->m, "Content-Transfer-Encoding"), max);
	return buf_str(decoded);
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
inner_part(struct mime_walk *w, struct str octets, struct place at)
{
	struct message m = {0};
	if (at.depth > MIME_MAX_DEPTH || ++w->parts > MIME_MAX_PARTS)
		return;
	message_parse(&m, octets);
	walk(w, &m, at);
	message_release(&m);
}

/* False when the boundary is nowhere, or only the last one is there. */
static bool
multipart(struct mime_walk *w, struct str body, struct str boundary, struct place inside)
{
	bool last;
	size_t length, at = find_boundary(body, 0, boundary, &last, &length);
	if (last)
		return false;
	for (unsigned branch = 1; !last && w->parts <= MIME_MAX_PARTS && !w->ended; branch++) {
		size_t from = at + length;
		at = find_boundary(body, from, boundary, &last, &length);
		struct str part = str_n(body.p + from, at - from);
		if (inside.choice)
			inside.choice->branch = branch;
		inner_part(w, length ? without_line_end(part) : part, inside);
	}
	return true;
}

static bool
try_multipart(struct mime_walk *w, const struct mime_part *p, struct place at)
{
	struct buf boundary = {0};
	struct mime_choice choice = {.up = at.choice};
	struct place inside = at;
	bool done = false;
	inside.depth++;
	inside.in_digest = str_ieq(p->type.word, STR("multipart/digest"));
	if (str_ieq(p->type.word, STR("multipart/alternative")))
		inside.choice = &choice;
	if (mime_value_param(&p->type, "boundary", &boundary) && p->m->body.p) {
		struct str b = str_trim(buf_str(&boundary));
		if (b.n && b.n <= BOUNDARY_MAX)
			done = multipart(w, p->m->body, b, inside);
	}
	buf_release(&boundary);
	return done;
}

static void
visit(struct mime_walk *w, struct mime_part *p, enum mime_kind kind)
{
	p->kind = kind;
	w->ended = !w->visit(w->arg, p);
}

static void
inner_message(struct mime_walk *w, struct mime_part *p, struct place at)
{
	struct buf octets = {0};
	struct message inner = {0};
	struct mime_part with_inner = *p;
	if (!p->m->body.p || at.depth >= MIME_MAX_DEPTH || ++w->parts > MIME_MAX_PARTS) {
		visit(w, p, MIME_MESSAGE);
		return;
	}
	bool plain = mime_part_is_plain(p);
	message_parse(&inner, plain ? p->m->body : mime_part_octets(p, MIME_MAX_TEXT, &octets));
	with_inner.inner = &inner;
	visit(w, &with_inner, MIME_MESSAGE);
	if (!w->ended)
		walk(w, &inner, (struct place){at.depth + 1, false, true, at.choice});
	message_release(&inner);
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
walk(struct mime_walk *w, const struct message *m, struct place at)
{
	struct mime_part p = {.m = m, .choice = at.choice, .in_message = at.in_message};
	struct str value = field_value(m, "Content-Type");
	if (value.p)
		mime_value_parse(&p.type, value);
	if (is_message(p.type.word, at.in_digest)) {
		inner_message(w, &p, at);
	} else if (str_istarts(p.type.word, STR("multipart/"))) {
		if (!try_multipart(w, &p, at))
			visit(w, &p, MIME_BROKEN);
	} else {
		visit(w, &p, is_text(p.type.word) ? MIME_TEXT : MIME_OTHER);
	}
	mime_value_release(&p.type);
}

void
mime_walk(const struct message *m, mime_visit *visitor, void *arg)
{
	struct mime_walk w = {.visit = visitor, .arg = arg};
	walk(&w, m, (struct place){0});
}
