#include <string.h>

#include "charset.h"
#include "encoded_word.h"
#include "transfer_encoding.h"

#define CHARSET_MAX 61 /* octets, the '?' behind them included */

struct word {
	struct str charset, text;
	bool base64;
	size_t length; /* from "=?" to "?=" */
};

/* Octets of neighbouring words of one charset. */
struct run {
	struct str charset; /* absent: there is no run */
	struct buf octets;
	struct str raw; /* charset of what is in no word */
};

static bool
is_blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!memchr(" \t\r\n", s.p[i], 4))
			return false;
	return true;
}

/* Is there an encoded word at the start of s, which begins with "=?"  *no_end: no
 * "?=" is left, which need not be found out for every "=?" again. */
static bool
read_word(struct str s, struct word *w, bool *no_end)
{
	struct str rest = str_skip(s, 2);
	const char *mark = memchr(rest.p, '?', rest.n < CHARSET_MAX ? rest.n : CHARSET_MAX);
	if (!mark || mark == rest.p || *no_end)
		return false;
	w->charset = str_cut(&rest, '?');
	if (rest.n < 2 || rest.p[1] != '?' || memchr(w->charset.p, ' ', w->charset.n))
		return false;
	char encoding = ascii_lower(rest.p[0]);
	if (encoding != 'b' && encoding != 'q')
		return false;
	rest = str_skip(rest, 2);
	const char *end = rest.n ? memmem(rest.p, rest.n, "?=", 2) : NULL;
	*no_end = !end;
	if (!end)
		return false;
	w->text = str_n(rest.p, (size_t)(end - rest.p));
	w->base64 = encoding == 'b';
	w->length = (size_t)(end - s.p) + 2;
	w->charset = str_cut(&w->charset, '*'); /* RFC 2231: a language behind it */
	return true;
}

static int
hex(char c)
{
	c = ascii_lower(c);
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
decode_q(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = s.p[i] == '=' && i + 2 < s.n ? hex(s.p[i + 1]) : -1;
		int low = high >= 0 ? hex(s.p[i + 2]) : -1;
		if (low >= 0) {
			buf_addc(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_addc(out, s.p[i] == '_' ? ' ' : s.p[i]);
		}
	}
}

static void
finish_run(struct buf *out, struct run *run)
{
	if (run->charset.p)
		charset_to_utf8(out, buf_str(&run->octets), run->charset);
	run->charset = STR_NONE;
	buf_reset(&run->octets);
}

static void
take_word(struct buf *out, struct run *run, struct str before, const struct word *w)
{
	bool neighbour = run->charset.p && is_blank(before);
	if (!neighbour || !str_ieq(run->charset, w->charset))
		finish_run(out, run);
	if (!neighbour)
		charset_guess(out, before, run->raw);
	run->charset = w->charset;
	if (w->base64)
		transfer_decode_base64(&run->octets, w->text);
	else
		decode_q(&run->octets, w->text);
}

void
encoded_words(struct buf *out, struct str text, struct str charset)
{
	struct run run = {.raw = charset};
	size_t plain = 0; /* octets of text that are no word yet */
	bool no_end = false;
	while (plain < text.n) {
		struct word w;
		const char *mark = memmem(text.p + plain, text.n - plain, "=?", 2);
		if (!mark)
			break;
		size_t at = (size_t)(mark - text.p);
		if (!read_word(str_skip(text, at), &w, &no_end)) {
			plain = at + 2;
			continue;
		}
		take_word(out, &run, str_n(text.p, at), &w);
		text = str_skip(text, at + w.length);
		plain = 0;
	}
	finish_run(out, &run);
	charset_guess(out, text, run.raw);
	buf_release(&run.octets);
}
