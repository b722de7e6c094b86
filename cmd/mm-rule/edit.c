#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "header_text.h"
#include "mem.h"
#include "message.h"
#include "utf8.h"

#define WORD_OCTETS 42 /* of text in an encoded word: 75 characters in all, RFC 2047 */

void
edit_free(struct edit *e)
{
	if (!e)
		return;
	regex_free(e->pattern);
	free(e->name);
	free(e->field);
	free(e->tag);
	free(e);
}

static bool
is_meant(const struct edit *e, const struct header_field *f, struct arena *arena)
{
	if (!str_ieq(f->name, str_of(e->name)))
		return false;
	return !e->pattern ||
	       regex_match(e->pattern, header_text(arena, f->value)) == REGEX_YES;
}

static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || (unsigned char)s.p[i] > '~')
			return false;
	return !str_contains(s, STR("=?"));
}

/* Encoded words for the text and the space behind it: that between two encoded
 * words is not shown. */
static void
add_encoded(struct buf *out, struct str text)
{
	struct buf spaced = {0};
	buf_addf(&spaced, "%.*s ", STR_ARG(text));
	for (struct str rest = buf_str(&spaced); rest.n;) {
		size_t n = 0, len;
		while (n < rest.n && (len = utf8_length(str_skip(rest, n))) > 0 &&
			n + len <= WORD_OCTETS)
			n += len;
		n = n ? n : 1;
		char *word = g_base64_encode((const unsigned char *)rest.p, n);
		buf_addf(out, "=?utf-8?B?%s?=\r\n ", word);
		g_free(word);
		rest = str_skip(rest, n);
	}
	buf_release(&spaced);
}

static void
add_tagged(struct buf *out, const struct edit *e, struct str value)
{
	struct str tag = str_of(e->tag);
	buf_addstr(out, "Subject: ");
	if (is_plain(tag))
		buf_addf(out, "%s ", e->tag);
	else
		add_encoded(out, tag);
	buf_adds(out, str_trim(value));
	buf_addstr(out, "\r\n");
}

static bool
is_tagged(const struct edit *e, const struct header_field *f, struct arena *arena)
{
	struct str text = header_text(arena, f->value), tag = str_of(e->tag);
	return text.n && str_contains(text, tag);
}

/* The octets up to *at are written; field f goes in another form. */
static void
edit_field(const struct edit *e, const struct header_field *f, struct str octets, size_t *at,
	struct buf *out)
{
	size_t start = (size_t)(f->whole.p - octets.p);
	buf_add(out, octets.p + *at, start - *at);
	if (e->kind == EDIT_REPLACE)
		buf_addstr(out, e->field);
	else if (e->kind == EDIT_TAG)
		add_tagged(out, e, f->value);
	*at = start + f->whole.n;
}

static void
edit_fields(const struct edit *e, const struct message *m, struct arena *arena, size_t *at,
	struct buf *out)
{
	bool tagged = false;
	for (size_t i = 0; i < m->nfields && !tagged; i++) {
		const struct header_field *f = &m->fields[i];
		if (!is_meant(e, f, arena))
			continue;
		tagged = e->kind == EDIT_TAG; /* there is one Subject, RFC 5322 section 3.6 */
		if (!tagged || !is_tagged(e, f, arena))
			edit_field(e, f, m->octets, at, out);
	}
	if (e->kind != EDIT_TAG || tagged)
		return;
	*at = m->nfields ? (size_t)(m->fields[0].whole.p - m->octets.p) : 0;
	buf_add(out, m->octets.p, *at);
	add_tagged(out, e, STR(""));
	if (m->nfields == 0 && !m->body.p)
		buf_addstr(out, "\r\n");
}

struct blob *
edit_apply(const struct edit *e, const struct blob *message)
{
	struct message m = {0};
	struct arena arena = {0};
	struct buf head = {0};
	struct str octets = str_n(message->p, message->n);
	size_t at = 0;
	message_parse(&m, octets);
	edit_fields(e, &m, &arena, &at, &head);
	struct blob *edited = NULL;
	if (head.n > 0 || at > 0)
		edited = blob_join(buf_str(&head), str_skip(octets, at));
	buf_release(&head);
	arena_release(&arena);
	message_release(&m);
	return edited;
}
