#include <stdlib.h>
#include <string.h>

#include "charset.h"
#include "htmltext.h"
#include "mimetext_part.h"
#include "utf8.h"

#define PART_MAX (8u << 20)
#define PART_STEP 65536

/* The octets of a part, its transfer encoding undone, PART_MAX of them at most;
 * false where there are none.  Several times what is indexed, as HTML has more
 * markup than text. */
static bool
decoded(GMimePart *part, struct buf *out)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = content ? g_mime_data_wrapper_get_stream(content) : NULL;
	if (!stream)
		return false;
	GMimeStream *plain = g_mime_stream_filter_new(stream);
	GMimeFilter *filter =
		g_mime_filter_basic_new(g_mime_data_wrapper_get_encoding(content), FALSE);
	g_mime_stream_filter_add(GMIME_STREAM_FILTER(plain), filter);
	g_mime_stream_reset(stream);
	for (ssize_t got = 1; got > 0 && out->n < PART_MAX;) {
		buf_reserve(out, PART_STEP);
		got = g_mime_stream_read(plain, out->p + out->n, PART_STEP);
		out->n += got > 0 ? (size_t)got : 0;
	}
	g_object_unref(filter);
	g_object_unref(plain);
	return true;
}

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
text_part(struct part_walk *w, GMimePart *part, GMimeContentType *type)
{
	struct buf octets = {0}, utf8 = {0}, plain = {0};
	if (w->text->body.n >= w->body_max || !decoded(part, &octets))
		return;
	charset_to_utf8(&utf8, buf_str(&octets),
		str_of(type ? g_mime_content_type_get_parameter(type, "charset") : NULL));
	buf_release(&octets);
	if (type && g_mime_content_type_is_type(type, "text", "html")) {
		add_html(w, buf_str(&utf8));
		htmltext(&plain, buf_str(&utf8));
		add_body(w, buf_str(&plain));
	} else {
		add_body(w, buf_str(&utf8));
	}
	buf_release(&utf8);
	buf_release(&plain);
}

static void
note_attachment(struct part_walk *w, const char *name)
{
	w->text->attachments++;
	if (!name)
		return;
	size_t at = w->text->names.n;
	mimetext_header(&w->text->names, str_of(name));
	if (w->text->names.n > at)
		buf_addc(&w->text->names, '\n');
}

static void
leaf(struct part_walk *w, GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	const char *disposition = g_mime_object_get_disposition(object);
	const char *name = g_mime_part_get_filename(GMIME_PART(object));
	if (name || (disposition && str_ieq(str_of(disposition), STR("attachment"))))
		note_attachment(w, name);
	if (!type || g_mime_content_type_is_type(type, "text", "*"))
		text_part(w, GMIME_PART(object), type);
}

static void
inner_message(struct part_walk *w, GMimeMessagePart *part, int depth)
{
	GMimeMessage *inner = g_mime_message_part_get_message(part);
	note_attachment(
		w, g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "name"));
	if (!inner)
		return;
	GMimeHeader *subject = g_mime_header_list_get_header(
		g_mime_object_get_header_list(GMIME_OBJECT(inner)), "Subject");
	if (subject) {
		struct buf text = {0};
		mimetext_header(&text, str_of(g_mime_header_get_raw_value(subject)));
		add_body(w, buf_str(&text));
		buf_release(&text);
	}
	mimetext_part(w, g_mime_message_get_mime_part(inner), depth + 1);
}

void
mimetext_part(struct part_walk *w, GMimeObject *part, int depth)
{
	if (!part || depth > MIMETEXT_MAX_DEPTH || ++w->parts > MIMETEXT_MAX_PARTS)
		return;
	if (GMIME_IS_MULTIPART(part)) {
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(part));
		for (int i = 0; i < n && w->parts <= MIMETEXT_MAX_PARTS; i++)
			mimetext_part(w, g_mime_multipart_get_part(GMIME_MULTIPART(part), i),
				depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(part)) {
		inner_message(w, GMIME_MESSAGE_PART(part), depth);
	} else if (GMIME_IS_PART(part)) {
		leaf(w, part);
	}
}
