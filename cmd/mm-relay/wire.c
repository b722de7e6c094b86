#include <stdint.h>

#include "wire.h"

#define WIRE_PIECE 8192 /* of an overlong line */

void
wire_start(struct wire *w, struct str message)
{
	*w = (struct wire){.rest = message};
}

static void
add_without_cr(struct buf *out, struct str s)
{
	size_t at = out->n;
	buf_adds(out, s);
	for (char *cr; (cr = memchr(out->p + at, '\r', out->n - at));
		at = (size_t)(cr - out->p))
		*cr = ' ';
}

static void
add_line(struct wire *w, struct buf *out)
{
	size_t limit = w->rest.n < WIRE_PIECE ? w->rest.n : WIRE_PIECE;
	const char *lf = memchr(w->rest.p, '\n', limit);
	size_t n = lf ? (size_t)(lf - w->rest.p) : limit;
	/* A CR at the very end of a piece may belong to the CRLF. */
	if (!lf && n > 1 && n < w->rest.n && w->rest.p[n - 1] == '\r')
		n--;
	struct str text = str_n(w->rest.p, n);
	if (lf && n && text.p[n - 1] == '\r')
		text.n--;
	if (!w->mid_line && text.n && text.p[0] == '.')
		buf_addc(out, '.');
	add_without_cr(out, text);
	if (lf)
		buf_add(out, "\r\n", 2);
	w->mid_line = lf == NULL;
	w->rest = str_skip(w->rest, n + (lf != NULL));
}

bool
wire_more(struct wire *w, struct buf *out, size_t size)
{
	size_t end = out->n + size;
	if (w->raw) {
		struct str piece = str_n(w->rest.p, size < w->rest.n ? size : w->rest.n);
		buf_adds(out, piece);
		w->rest = str_skip(w->rest, piece.n);
		return w->rest.n > 0;
	}
	buf_reserve(out, size < w->rest.n ? size : w->rest.n + 8);
	while (w->rest.n && out->n < end)
		add_line(w, out);
	if (w->rest.n)
		return true;
	if (!w->ended)
		buf_addstr(out, w->mid_line ? "\r\n.\r\n" : ".\r\n");
	w->ended = true;
	return false;
}

static bool
has_8bit(struct str s)
{
	uint64_t word, all = 0;
	for (; s.n >= sizeof(word); s = str_skip(s, sizeof(word))) {
		memcpy(&word, s.p, sizeof(word));
		all |= word;
	}
	for (; s.n; s = str_skip(s, 1))
		all |= (uint64_t)(unsigned char)*s.p;
	return (all & 0x8080808080808080u) != 0;
}

struct wire_traits
wire_traits(struct str message)
{
	const char *empty = message.n ? memmem(message.p, message.n, "\r\n\r\n", 4) : NULL;
	size_t n = empty ? (size_t)(empty - message.p) : message.n;
	return (struct wire_traits){
		has_8bit(str_n(message.p, n)), has_8bit(str_skip(message, n))};
}
