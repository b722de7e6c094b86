#include <stdint.h>

#include "charset.h"
#include "clean_text.h"
#include "htmltext.h"
#include "message_text.h"
#include "mime_part.h"
#include "mimetext_header.h"

static bool
is_html(const struct mime_part *p)
{
	return p->kind == MIME_TEXT && str_ieq(p->type.word, STR("text/html"));
}

static void
add_utf8(struct buf *out, const struct mime_part *p)
{
	struct buf decoded = {0}, charset = {0};
	(void)mime_value_param(&p->type, "charset", &charset);
	charset_to_utf8(out, mime_part_octets(p, SIZE_MAX, &decoded), buf_str(&charset));
	buf_release(&charset);
	buf_release(&decoded);
}

/* Controls but tabs are shown as "?". */
static void
add_clean(struct buf *out, struct str line)
{
	while (line.p) {
		clean_text_add(out, str_cut(&line, '\t'));
		if (line.p)
			buf_addc(out, '\t');
	}
	buf_addc(out, '\n');
}

static void
add_lines(struct buf *out, struct str text)
{
	while (text.n) {
		size_t n = 0;
		while (n < text.n && text.p[n] != '\n' && text.p[n] != '\r')
			n++;
		add_clean(out, str_n(text.p, n));
		n += n + 1 < text.n && text.p[n] == '\r' && text.p[n + 1] == '\n' ? 2 : 1;
		text = str_skip(text, n);
	}
}

/* Was another branch of an alternative taken that p is in? */
static bool
is_said(const struct mime_part *p)
{
	for (const struct mime_choice *c = p->choice; c; c = c->up)
		if (c->taken && c->taken != c->branch)
			return true;
	return false;
}

static void
take(const struct mime_part *p)
{
	for (struct mime_choice *c = p->choice; c; c = c->up)
		c->taken = c->branch;
}

static void
part_from(struct buf *out)
{
	if (out->n)
		buf_addc(out, '\n');
}

static void
add_text(struct buf *out, const struct mime_part *p)
{
	struct buf utf8 = {0}, plain = {0};
	add_utf8(&utf8, p);
	if (is_html(p))
		htmltext_lines(&plain, buf_str(&utf8));
	struct str text = buf_str(is_html(p) ? &plain : &utf8);
	if (str_trim(text).n) {
		part_from(out);
		add_lines(out, text);
		take(p);
	}
	buf_release(&utf8);
	buf_release(&plain);
}

static void
add_header(struct buf *out, const struct message *m)
{
	static const char *const names[] = {"From", "Date", "Subject"};
	struct buf charset = {0}, value = {0};
	mimetext_charset(&charset, m);
	part_from(out);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct header_field *f = message_field(m, names[i]);
		buf_reset(&value);
		if (!f)
			continue;
		mimetext_header(&value, f->value, buf_str(&charset));
		buf_addf(out, "%s: ", names[i]);
		add_clean(out, buf_str(&value));
	}
	buf_release(&value);
	buf_release(&charset);
}

static bool
visit_text(void *arg, const struct mime_part *p)
{
	if (is_said(p))
		return true;
	if (p->kind == MIME_TEXT || p->kind == MIME_BROKEN)
		add_text(arg, p);
	else if (p->inner)
		add_header(arg, p->inner);
	return true;
}

void
message_text(struct buf *out, struct str octets)
{
	struct message m = {0};
	message_parse(&m, octets);
	mime_walk(&m, visit_text, out);
	message_release(&m);
}

struct html_walk {
	struct buf *out;
	bool all, found;
};

static bool
visit_html(void *arg, const struct mime_part *p)
{
	struct html_walk *w = arg;
	struct buf name = {0};
	if (is_html(p) && (w->all || (!p->in_message && !mime_part_attached(p, &name)))) {
		w->found = true;
		add_utf8(w->out, p);
	}
	buf_release(&name);
	return true;
}

bool
message_html(struct buf *out, struct str octets)
{
	struct message m = {0};
	struct html_walk w = {.out = out};
	message_parse(&m, octets);
	mime_walk(&m, visit_html, &w);
	if (!w.found) {
		w.all = true;
		mime_walk(&m, visit_html, &w);
	}
	message_release(&m);
	return w.found;
}
