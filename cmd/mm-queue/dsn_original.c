#include "dsn_part.h"
#include "message.h"
#include "utf8.h"

#define WHOLE_MAX (1u << 20) /* octets of a message that RET=FULL gives back */
#define HEADER_MAX (128u << 10)
#define LINE_MAX_OCTETS 998 /* RFC 5322 section 2.1.1 */

/* Can the octets stand in a part that is 8bit: lines that end in CRLF and are not
 * too long, no NUL? */
static bool
is_text(struct str s)
{
	size_t line = 0;
	for (size_t i = 0; i < s.n; i++, line++) {
		bool cr = s.p[i] == '\r', lf = s.p[i] == '\n';
		bool pair = cr && i + 1 < s.n && s.p[i + 1] == '\n';
		if (s.p[i] == '\0' || lf || (cr && !pair) || line >= LINE_MAX_OCTETS + 1)
			return false;
		if (pair) {
			i++;
			line = (size_t)-1;
		}
	}
	return true;
}

/* RFC 3461 section 6.2: only a failure gives back the message. */
static bool
gives_whole(const struct report *r)
{
	const struct blob *body = r->d->of->body;
	bool failed = false;
	for (size_t i = 0; i < r->d->n; i++)
		failed = failed || (r->d->recipients[i].action == DSN_FAILED &&
					   dsn_wanted(r->d->recipients[i].rcpt_to, DSN_FAILED));
	return failed && str_ieq(path_param(&r->from, "RET"), STR("FULL")) &&
	       body->n <= WHOLE_MAX && is_text(str_n(body->p, body->n));
}

/* One character of a header: a line of it must not become two, nor be none. */
static size_t
add_character(struct report *r, struct str s, size_t *line)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : utf8_length(s);
	if (c == '\r' && s.n > 1 && s.p[1] == '\n') {
		*line = 0;
		buf_addstr(&r->out, "\r\n");
		return 2;
	}
	if (c == '\n') {
		*line = 0;
		buf_addstr(&r->out, "\r\n");
		return 1;
	}
	if (n == 0 && !r->utf8) /* in whatever charset it was */
		n = 1;
	if (*line + n > LINE_MAX_OCTETS)
		return n > 0 ? n : 1;
	if (n == 0 || c == '\0' || c == '\r')
		buf_addc(&r->out, '?');
	else
		buf_add(&r->out, s.p, n);
	*line += n > 0 ? n : 1;
	return n > 0 ? n : 1;
}

static void
add_field(struct report *r, struct str whole)
{
	size_t line = 0;
	while (whole.n > 0)
		whole = str_skip(whole, add_character(r, whole, &line));
	if (line > 0)
		buf_addstr(&r->out, "\r\n");
}

static void
add_fields(struct report *r)
{
	const struct blob *body = r->d->of->body;
	struct message m = {0};
	message_parse(&m, str_n(body->p, body->n));
	for (size_t i = 0, size = 0; i < m.nfields; i++) {
		size += m.fields[i].whole.n;
		if (size > HEADER_MAX)
			break;
		add_field(r, m.fields[i].whole);
	}
	message_release(&m);
}

void
dsn_original(struct report *r)
{
	if (gives_whole(r)) {
		dsn_part(r, r->utf8 ? "message/global" : "message/rfc822", "8bit");
		buf_add(&r->out, r->d->of->body->p, r->d->of->body->n);
	} else {
		dsn_part(r, r->utf8 ? "message/global-headers" : "text/rfc822-headers", "8bit");
		add_fields(r);
	}
	buf_addf(&r->out, "\r\n--%s--\r\n", r->boundary);
}
