#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#include "encoded_word.h"
#include "mem.h"
#include "mimetext.h"
#include "mimetext_part.h"

/* What GMime makes of header fields and parts takes a hundred times their octets and
 * more.  Each line that may be one costs; what is behind the budget is not looked
 * into.  Real messages use a small part of it. */
#define LINE_BUDGET 1000000
#define LINE_FIELD 4
#define LINE_BOUNDARY 12
#define LINE_FOLDED 1

static GMimeParserOptions *options;

void
mimetext_init(void)
{
	if (options)
		return;
	g_mime_init();
	options = g_mime_parser_options_new();
	/* loose, it takes quadratic time for broken encoded words; ours are
	 * decoded by encoded_word.c */
	g_mime_parser_options_set_rfc2047_compliance_mode(options, GMIME_RFC_COMPLIANCE_STRICT);
}

static void
blank_controls(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = ' ';
}

void
mimetext_header(struct buf *out, struct str value)
{
	if (value.n > MIMETEXT_MAX_HEADER)
		value.n = MIMETEXT_MAX_HEADER;
	char *unfolded = header_unfold(value);
	size_t at = out->n;
	encoded_words(out, str_of(unfolded));
	blank_controls(out->p + at, out->n - at);
	free(unfolded);
}

int64_t
mimetext_date(struct str value)
{
	char *text = header_unfold(value.n > 200 ? str_n(value.p, 200) : value);
	GDateTime *when = g_mime_utils_header_decode_date(text);
	int64_t ms = when ? g_date_time_to_unix(when) * 1000 : 0;
	if (when)
		g_date_time_unref(when);
	free(text);
	return ms;
}

static void
fields(struct buf *out, const struct message *m, const char *name)
{
	const struct header_field *f;
	buf_reset(out);
	for (size_t at = 0; out->n < MIMETEXT_MAX_HEADER && message_next(m, name, &at, &f);) {
		if (out->n)
			buf_addstr(out, ", ");
		mimetext_header(out, f->value);
	}
}

/* The first field of the name, as text of at most 1000 octets. */
static void
short_field(struct buf *out, const struct message *m, const char *name)
{
	const struct header_field *f = message_field(m, name);
	buf_reset(out);
	if (f)
		mimetext_header(out, f->value.n > 1000 ? str_n(f->value.p, 1000) : f->value);
}

static void
keep_part(struct buf *b, struct str part)
{
	char *copy = str_dup(part);
	buf_reset(b);
	buf_addstr(b, copy);
	free(copy);
}

static void
read_message_id(struct mimetext *t, const struct message *m)
{
	short_field(&t->message_id, m, "Message-ID");
	struct str id = str_trim(buf_str(&t->message_id));
	if (id.n > 2 && id.p[0] == '<' && id.p[id.n - 1] == '>')
		id = str_n(id.p + 1, id.n - 2);
	keep_part(&t->message_id, id);
}

/* RFC 2919: a description, then the identifier in angle brackets. */
static void
read_list(struct mimetext *t, const struct message *m)
{
	short_field(&t->list, m, "List-Id");
	struct str id = str_trim(buf_str(&t->list));
	const char *open = id.n ? memrchr(id.p, '<', id.n) : NULL;
	if (open && id.p[id.n - 1] == '>')
		id = str_n(open + 1, (size_t)(id.p + id.n - 1 - open - 1));
	keep_part(&t->list, str_trim(id));
	for (size_t i = 0; i < t->list.n; i++)
		t->list.p[i] = ascii_lower(t->list.p[i]);
}

static int
line_cost(struct str line)
{
	if (str_starts(line, STR("--")))
		return LINE_BOUNDARY;
	if (line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
		return LINE_FOLDED;
	for (size_t i = 0; i < line.n && line.p[i] > ' '; i++)
		if (line.p[i] == ':')
			return LINE_FIELD;
	return 0;
}

static struct str
within_budget(struct str octets)
{
	struct str rest = octets;
	for (int left = LINE_BUDGET; rest.n;) {
		struct str line = str_cut(&rest, '\n');
		left -= line_cost(line);
		if (left < 0)
			return str_n(octets.p, (size_t)(line.p - octets.p));
	}
	return octets;
}

static void
read_parts(struct mimetext *t, struct str octets, size_t body_max)
{
	octets = within_budget(octets);
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(octets.p, octets.n);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	GMimeMessage *message = g_mime_parser_construct_message(parser, options);
	if (message) {
		struct part_walk walk = {.text = t, .body_max = body_max};
		mimetext_part(&walk, g_mime_message_get_mime_part(message), 0);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
}

void
mimetext_extract(struct mimetext *t, struct str octets, size_t body_max)
{
	struct message m = {0};
	message_parse(&m, octets);
	fields(&t->from, &m, "From");
	fields(&t->to, &m, "To");
	fields(&t->cc, &m, "Cc");
	fields(&t->subject, &m, "Subject");
	read_message_id(t, &m);
	read_list(t, &m);
	const struct header_field *date = message_field(&m, "Date");
	t->date = date ? mimetext_date(date->value) : 0;
	t->attachments = 0;
	buf_reset(&t->names);
	buf_reset(&t->body);
	buf_reset(&t->html);
	read_parts(t, octets, body_max);
	message_release(&m);
}

void
mimetext_release(struct mimetext *t)
{
	struct buf *bufs[] = {&t->from, &t->to, &t->cc, &t->subject, &t->names, &t->body,
		&t->html, &t->message_id, &t->list};
	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_release(bufs[i]);
}
