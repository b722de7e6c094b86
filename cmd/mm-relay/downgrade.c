#include <gmime/gmime.h>

#include "downgrade.h"
#include "wire.h"

static void
look_for_sealed(GMimeObject *parent, GMimeObject *part, gpointer arg)
{
	bool *sealed = arg;
	(void)parent;
	*sealed |= GMIME_IS_MULTIPART_SIGNED(part) || GMIME_IS_MULTIPART_ENCRYPTED(part);
	if (GMIME_IS_MESSAGE_PART(part)) {
		GMimeMessage *inner = g_mime_message_part_get_message((GMimeMessagePart *)part);
		if (inner)
			g_mime_message_foreach(inner, look_for_sealed, arg);
	}
}

static void encode_inner(GMimeObject *parent, GMimeObject *part, gpointer arg);

/* The library leaves the messages within a message to us. */
static void
encode(GMimeMessage *m)
{
	g_mime_object_encode((GMimeObject *)m, GMIME_ENCODING_CONSTRAINT_7BIT);
	g_mime_message_foreach(m, encode_inner, NULL);
}

static void
encode_inner(GMimeObject *parent, GMimeObject *part, gpointer arg)
{
	(void)parent, (void)arg;
	GMimeMessage *inner = GMIME_IS_MESSAGE_PART(part) ? g_mime_message_part_get_message(
								    (GMimeMessagePart *)part)
							  : NULL;
	if (inner)
		encode(inner);
}

static GMimeMessage *
parse(struct str text)
{
	GMimeStream *in = g_mime_stream_mem_new_with_buffer(text.p, text.n);
	GMimeParser *parser = g_mime_parser_new_with_stream(in);
	GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(in);
	return m;
}

static void
write_crlf(GMimeMessage *m, struct buf *out)
{
	GByteArray *bytes = g_byte_array_new();
	GMimeStream *s = g_mime_stream_mem_new_with_byte_array(bytes);
	GMimeFormatOptions *o = g_mime_format_options_new();
	g_mime_stream_mem_set_owner((GMimeStreamMem *)s, FALSE);
	g_mime_format_options_set_newline_format(o, GMIME_NEWLINE_FORMAT_DOS);
	(void)g_mime_object_write_to_stream((GMimeObject *)m, o, s);
	buf_add(out, bytes->data, bytes->len);
	g_mime_format_options_free(o);
	g_object_unref(s);
	g_byte_array_free(bytes, TRUE);
}

static const char *
convert(GMimeMessage *m, struct buf *out)
{
	bool sealed = false;
	size_t start = out->n;
	g_mime_message_foreach(m, look_for_sealed, &sealed);
	if (sealed)
		return "it is signed or encrypted";
	encode(m);
	if (!g_mime_object_get_header((GMimeObject *)m, "MIME-Version"))
		g_mime_object_set_header((GMimeObject *)m, "MIME-Version", "1.0", NULL);
	write_crlf(m, out);
	if (!wire_traits(str_skip(buf_str(out), start)).body_8bit)
		return NULL;
	out->n = start;
	return "its parts cannot be converted";
}

const char *
downgrade(struct str message, struct buf *out)
{
	static bool ready;
	if (!ready)
		g_mime_init();
	ready = true;
	GMimeMessage *m = parse(message);
	const char *wrong = m ? convert(m, out) : "it is no message";
	if (m)
		g_object_unref(m);
	return wrong;
}
