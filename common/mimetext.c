#include <stdlib.h>
#include <string.h>

#include "mail_date.h"
#include "mimetext.h"
#include "mimetext_header.h"
#include "mimetext_part.h"

static void
fields(struct buf *out, const struct message *m, const char *name, struct str charset)
{
	const struct header_field *f;
	buf_reset(out);
	for (size_t at = 0; out->n < MIMETEXT_MAX_HEADER && message_next(m, name, &at, &f);) {
		if (out->n)
			buf_addstr(out, ", ");
		mimetext_header(out, f->value, charset);
	}
}

/* The first field of the name, as text of at most 1000 octets. */
static void
short_field(struct buf *out, const struct message *m, const char *name)
{
	const struct header_field *f = message_field(m, name);
	buf_reset(out);
	if (f)
		mimetext_header(
			out, f->value.n > 1000 ? str_n(f->value.p, 1000) : f->value, STR_NONE);
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

void
mimetext_extract(struct mimetext *t, struct str octets, size_t body_max)
{
	struct message m = {0};
	message_parse(&m, octets);
	t->attachments = 0;
	t->largest = 0;
	buf_reset(&t->names);
	buf_reset(&t->types);
	buf_reset(&t->body);
	buf_reset(&t->html);
	buf_reset(&t->charset);
	mimetext_message(t, &m, body_max);
	fields(&t->from, &m, "From", buf_str(&t->charset));
	fields(&t->to, &m, "To", buf_str(&t->charset));
	fields(&t->cc, &m, "Cc", buf_str(&t->charset));
	fields(&t->subject, &m, "Subject", buf_str(&t->charset));
	read_message_id(t, &m);
	read_list(t, &m);
	const struct header_field *date = message_field(&m, "Date");
	t->date = date ? mail_date(date->value) : 0;
	message_release(&m);
}

void
mimetext_release(struct mimetext *t)
{
	struct buf *bufs[] = {&t->from, &t->to, &t->cc, &t->subject, &t->names, &t->types,
		&t->body, &t->html, &t->message_id, &t->list, &t->charset};
	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_release(bufs[i]);
}
