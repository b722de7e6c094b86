#include <stdio.h>

#include "num.h"
#include "reply.h"
#include "smtp_reply.h"
#include "utf8.h"

static int
take_line(struct smtp_reply *r)
{
	uint64_t code;
	struct str line = buf_str(&r->line);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n < 3 || num_u64(str_n(line.p, 3), 200, 599, &code) < 0)
		return -1;
	char mark = line.n > 3 ? line.p[3] : ' ';
	if ((mark != ' ' && mark != '-') || (r->code && r->code != (int)code))
		return -1;
	struct str text = str_skip(line, 4);
	if (r->text.n + text.n + 1 > SMTP_REPLY_MAX_TEXT)
		return -1;
	r->code = (int)code;
	buf_adds(&r->text, text);
	buf_addc(&r->text, '\n');
	buf_reset(&r->line);
	r->complete = mark == ' ';
	return r->complete;
}

int
smtp_reply_feed(struct smtp_reply *r, struct str in, size_t *used)
{
	*used = 0;
	if (r->complete) {
		r->complete = false;
		r->code = 0;
		buf_reset(&r->text);
	}
	while (in.n) {
		const char *lf = memchr(in.p, '\n', in.n);
		size_t n = lf ? (size_t)(lf - in.p) : in.n;
		if (r->line.n + n > SMTP_REPLY_MAX_LINE)
			return -1;
		buf_add(&r->line, in.p, n);
		*used += n + (lf != NULL);
		in = str_skip(in, n + 1);
		int rc = lf ? take_line(r) : 0;
		if (rc != 0)
			return rc;
	}
	return 0;
}

enum status
smtp_reply_status(const struct smtp_reply *r)
{
	return r->code >= 500 ? STATUS_PERMFAIL : r->code >= 300 ? STATUS_TEMPFAIL : STATUS_OK;
}

/* Cuts where a character begins. */
static struct str
shown(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	size_t n = 0;
	while (n < max) {
		size_t len = utf8_length(str_skip(s, n));
		len = len ? len : 1;
		if (n + len > max)
			break;
		n += len;
	}
	return str_n(s.p, n);
}

/* Every line of a reply repeats the enhanced code (RFC 2034 section 4); one is
 * enough. */
static struct str
without_code(struct str text, struct str enhanced)
{
	struct str rest = text, word = str_word(&rest);
	return enhanced.n && str_eq(word, enhanced) ? str_trim(rest) : str_trim(text);
}

static struct str
enhanced_code(const struct smtp_reply *r, char first[SMTP_REPLY_MAX_LINE + 8])
{
	struct reply parsed;
	struct str rest = buf_str(&r->text), line = str_cut(&rest, '\n');
	int n = snprintf(first, SMTP_REPLY_MAX_LINE + 8, "%d %.*s", r->code, STR_ARG(line));
	if (n < 0 || reply_parse(str_of(first), &parsed) < 0 || parsed.enhanced.n == 0 ||
		parsed.enhanced.p[0] != '0' + r->code / 100)
		return STR("");
	return parsed.enhanced;
}

void
smtp_reply_line(const struct smtp_reply *r, struct buf *out)
{
	char first[SMTP_REPLY_MAX_LINE + 8];
	struct str enhanced = enhanced_code(r, first);
	struct buf text = {0};
	for (struct str rest = buf_str(&r->text); rest.n;) {
		struct str line = without_code(str_cut(&rest, '\n'), enhanced);
		if (line.n && text.n)
			buf_addc(&text, ' ');
		buf_adds(&text, line);
	}
	buf_addf(out, "%d ", r->code);
	if (enhanced.n)
		buf_adds(out, enhanced);
	else
		buf_addf(out, "%d.0.0", r->code / 100);
	struct str s = shown(buf_str(&text), SMTP_REPLY_MAX_SHOWN);
	if (s.n) {
		buf_addc(out, ' ');
		buf_adds(out, s);
	}
	buf_release(&text);
}

void
smtp_reply_release(struct smtp_reply *r)
{
	buf_release(&r->text);
	buf_release(&r->line);
	*r = (struct smtp_reply){0};
}
