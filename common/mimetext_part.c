#include <string.h>

#include "charset.h"
#include "htmltext.h"
#include "mime_part.h"
#include "mimetext_header.h"
#include "mimetext_part.h"

/* Octets of a part that are decoded: several times what is indexed, as HTML has more
 * markup than text. */
#define PART_MAX MIME_MAX_TEXT

struct part_walk {
	struct mimetext *text;
	size_t body_max;
	bool charset_known; /* there was a text part */
};

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

static void
text_part(struct part_walk *w, const struct mime_part *p)
{
	struct buf octets = {0}, utf8 = {0}, plain = {0}, charset = {0};
	(void)mime_value_param(&p->type, "charset", &charset);
	if (!w->charset_known)
		buf_adds(&w->text->charset, buf_str(&charset));
	w->charset_known = true;
	if (w->text->body.n < w->body_max && p->m->body.p) {
		charset_to_utf8(
			&utf8, mime_part_octets(p, PART_MAX, &octets), buf_str(&charset));
		bool html = str_ieq(p->type.word, STR("text/html"));
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

/* Decoded, and kept nowhere. */
static void
measure(struct part_walk *w, const struct mime_part *p)
{
	struct buf decoded = {0};
	if (!w->text->measure || p->kind == MIME_MESSAGE)
		return;
	struct str octets = mime_part_octets(p, SIZE_MAX, &decoded);
	if (octets.n > w->text->largest)
		w->text->largest = octets.n;
	buf_release(&decoded);
}

static void
look_for_name(struct part_walk *w, const struct mime_part *p)
{
	struct buf name = {0};
	if (mime_part_attached(p, &name)) {
		struct buf *names = &w->text->names;
		size_t at = names->n;
		w->text->attachments++;
		buf_adds(&w->text->types, mime_part_type(p));
		buf_addc(&w->text->types, '\n');
		mimetext_header(names, buf_str(&name), buf_str(&w->text->charset));
		if (names->n > at)
			buf_addc(names, '\n');
		measure(w, p);
	}
	buf_release(&name);
}

static void
inner_subject(struct part_walk *w, const struct message *inner)
{
	struct buf subject = {0};
	const struct header_field *f = inner ? message_field(inner, "Subject") : NULL;
	if (!f)
		return;
	mimetext_header(&subject, f->value, buf_str(&w->text->charset));
	add_body(w, buf_str(&subject));
	buf_release(&subject);
}

static bool
read_part(void *arg, const struct mime_part *p)
{
	struct part_walk *w = arg;
	look_for_name(w, p);
	if (p->kind == MIME_MESSAGE)
		inner_subject(w, p->inner);
	if (p->kind == MIME_TEXT || p->kind == MIME_BROKEN)
		text_part(w, p);
	return true;
}

void
mimetext_message(struct mimetext *t, const struct message *m, size_t body_max)
{
	struct part_walk w = {.text = t, .body_max = body_max};
	mime_walk(m, read_part, &w);
}
