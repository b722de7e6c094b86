#include <string.h>

#include "mbox.h"
#include "message.h"

#define LOOK_AHEAD 256 /* octets of the line behind a From_ line */
#define FROM STR("From ")

static struct str
first_line(struct str s)
{
	const char *lf = memchr(s.p, '\n', s.n);
	return lf ? str_n(s.p, (size_t)(lf - s.p) + 1) : s;
}

static bool
is_field_line(struct str line)
{
	const char *colon = memchr(line.p, ':', line.n);
	return str_trim(line).n == 0 || str_starts(line, STR(">From ")) ||
	       (colon && header_name_valid(str_trim(str_n(line.p, (size_t)(colon - line.p)))));
}

static bool
behind_empty_line(const struct buf *b, size_t at)
{
	return (at >= 2 && b->p[at - 1] == '\n' && b->p[at - 2] == '\n') ||
	       (at >= 4 && memcmp(b->p + at - 4, "\r\n\r\n", 4) == 0);
}

/* 1: a message begins at `at`.  0: none does.  -1: what is there is not enough to say. */
static int
begins(const struct mbox *m, size_t at, bool eof)
{
	struct str rest = str_skip(buf_str(&m->in), at), line = first_line(rest);
	int64_t ms;
	if (!behind_empty_line(&m->in, at))
		return 0;
	if (!eof && (rest.n < line.n + LOOK_AHEAD) && rest.n < (64u << 10))
		return -1;
	if (mbox_from_line(line, &ms) < 0)
		return 0;
	/* of an mbox, one without a header, too; else one message may quote another */
	return m->kind == MBOX_YES || is_field_line(first_line(str_skip(rest, line.n)));
}

/* "From ", "x>From " and so on after line begin: mboxrd puts a '>' before each line of
 * '>'s and "From "; mboxo only before "From ".  Taking one off undoes either. */
static size_t
quotes(struct str line)
{
	size_t n = 0;
	while (n < line.n && line.p[n] == '>')
		n++;
	return n && str_starts(str_skip(line, n), FROM) ? n : 0;
}

static struct str
unquote(struct mbox *m, struct str s)
{
	buf_reset(&m->unquoted);
	if (!memmem(s.p, s.n, ">From ", 6))
		return s;
	for (struct str line; s.n; s = str_skip(s, line.n)) {
		line = first_line(s);
		buf_adds(&m->unquoted, quotes(line) ? str_skip(line, 1) : line);
	}
	return buf_str(&m->unquoted);
}

static struct str
without_last_empty_line(struct str s)
{
	if (s.n >= 4 && memcmp(s.p + s.n - 4, "\r\n\r\n", 4) == 0)
		s.n -= 2;
	else if (s.n >= 2 && memcmp(s.p + s.n - 2, "\n\n", 2) == 0)
		s.n--;
	return s;
}

static void
give(struct mbox *m, size_t end)
{
	struct str s = str_skip(str_n(buf_str(&m->in).p, end), m->begin);
	int64_t ms = 0;
	if (m->beyond) {
		s = STR_NONE;
	} else if (m->kind == MBOX_YES && str_starts(s, FROM)) {
		struct str line = first_line(s);
		(void)mbox_from_line(line, &ms);
		s = unquote(m, without_last_empty_line(str_skip(s, line.n)));
	}
	m->message(m->ctx, s, m->message_at, ms);
	m->begin = end;
	m->message_at = m->offset + end;
	m->beyond = false;
}

/* The octets of a message that is too large are not kept, but for what may belong to
 * the empty line before the next one. */
static void
drop_what_is_beyond(struct mbox *m)
{
	if (!m->beyond && m->in.n - m->begin <= m->limit)
		return;
	m->beyond = true;
	if (m->scanned > m->begin + 4)
		m->begin = m->scanned - 4;
}

static void
scan(struct mbox *m, bool eof)
{
	while (m->in.n - m->scanned >= FROM.n) {
		char *from = memmem(m->in.p + m->scanned, m->in.n - m->scanned, FROM.p, FROM.n);
		size_t at = from ? (size_t)(from - m->in.p) : m->in.n - FROM.n + 1;
		int is_one = from ? begins(m, at, eof) : 0;
		m->scanned = at;
		if (is_one < 0)
			return;
		if (is_one) {
			m->kind = MBOX_YES;
			give(m, at);
		}
		m->scanned += from ? FROM.n : 0;
	}
}

static void
look(struct mbox *m, bool eof)
{
	if (!m->known && (m->in.n >= FROM.n || eof)) {
		m->known = true;
		m->scanned = FROM.n < m->in.n ? FROM.n : m->in.n;
		if (!str_starts(buf_str(&m->in), FROM))
			m->kind = MBOX_NO;
	}
	if (m->known && m->kind != MBOX_NO)
		scan(m, eof);
	else
		m->scanned = m->in.n;
	drop_what_is_beyond(m);
}

void
mbox_feed(struct mbox *m, const void *p, size_t n)
{
	if (m->begin) {
		buf_consume(&m->in, m->begin);
		m->offset += m->begin;
		m->scanned -= m->begin;
		m->begin = 0;
	}
	buf_add(&m->in, p, n);
	look(m, false);
}

void
mbox_end(struct mbox *m)
{
	look(m, true);
	if (m->in.n > m->begin || m->message_at == 0)
		give(m, m->in.n);
	buf_reset(&m->in);
	m->begin = m->scanned = 0;
	m->offset = m->message_at = 0;
	m->known = m->beyond = false;
}

void
mbox_release(struct mbox *m)
{
	buf_release(&m->in);
	buf_release(&m->unquoted);
}
