#include "dkim_canon.h"

#define BLOCK 64
#define PIECE 4096

static const char *const words[] = {[DKIM_SIMPLE] = "simple", [DKIM_RELAXED] = "relaxed"};

const char *
dkim_canon_word(enum dkim_canon c)
{
	return words[c];
}

static int
parse_word(struct str word, enum dkim_canon *out)
{
	for (enum dkim_canon c = DKIM_SIMPLE; c <= DKIM_RELAXED; c++) {
		if (str_ieq(word, str_of(words[c]))) {
			*out = c;
			return 0;
		}
	}
	return -1;
}

int
dkim_canon_parse(struct str value, enum dkim_canon *header, enum dkim_canon *body)
{
	struct str first = str_cut(&value, '/');
	*header = *body = DKIM_SIMPLE;
	if (first.p && parse_word(first, header) < 0)
		return -1;
	return value.p ? parse_word(value, body) : 0;
}

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* Is nothing to be changed in these octets?  Looks at one more.  Without branches,
 * for the compiler to make vectors of it. */
static bool
regular(const char *p)
{
	unsigned char odd = 0;
	for (int i = 0; i < BLOCK; i++) {
		char c = p[i], next = p[i + 1];
		odd |= (unsigned char)((c == '\t') |
				       ((c == ' ') & ((next == ' ') | (next == '\t') |
							     (next == '\r'))));
	}
	return !odd;
}

/* What relaxed forms of bodies have in common with those of header values: runs of
 * spaces become one; what is still open at the end of the input is dropped. */
struct relaxing {
	dkim_canon_put *put;
	void *arg;
	bool unfold; /* line ends count as nothing, instead of ending a run */
	bool space;  /* a run of spaces is open */
	size_t n;
	char piece[PIECE];
};

static void
flush(struct relaxing *r)
{
	if (r->n)
		r->put(r->arg, r->piece, r->n);
	r->n = 0;
}

/* Takes one octet or a CRLF; returns how many. */
static size_t
relax_one(struct relaxing *r, const char *p, const char *end)
{
	bool line_end = *p == '\r' && p + 1 < end && p[1] == '\n';
	if (is_wsp(*p)) {
		r->space = true;
		return 1;
	}
	if (line_end && r->unfold)
		return 2;
	if (r->space && !line_end)
		r->piece[r->n++] = ' ';
	r->space = false;
	r->piece[r->n++] = *p;
	if (line_end)
		r->piece[r->n++] = '\n';
	return line_end ? 2 : 1;
}

static void
relax(struct relaxing *r, struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	while (p < end) {
		if (r->n > PIECE - BLOCK)
			flush(r);
		if (!r->space && !r->unfold && end - p > BLOCK && regular(p)) {
			memcpy(r->piece + r->n, p, BLOCK);
			r->n += BLOCK;
			p += BLOCK;
			continue;
		}
		/* each step adds two octets at most */
		for (int i = 0; i < BLOCK / 2 && p < end; i++)
			p += relax_one(r, p, end);
	}
	flush(r);
}

static struct str
without_line_end(struct str s)
{
	bool lf = s.n && s.p[s.n - 1] == '\n';
	s.n -= lf;
	s.n -= lf && s.n && s.p[s.n - 1] == '\r';
	return s;
}

static struct str
without_spaces_behind(struct str s)
{
	while (s.n && is_wsp(s.p[s.n - 1]))
		s.n--;
	return s;
}

static void
add_to_buf(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
}

static void
relaxed_field(struct buf *out, struct str whole)
{
	struct relaxing r;
	struct str value = whole, name = without_spaces_behind(str_cut(&value, ':'));
	buf_reserve(out, whole.n + 2);
	for (size_t i = 0; i < name.n; i++)
		out->p[out->n++] = ascii_lower(name.p[i]);
	out->p[out->n++] = ':';
	while (value.n && (is_wsp(*value.p) || *value.p == '\r' || *value.p == '\n')) {
		bool line_end = *value.p == '\r' && value.n > 1 && value.p[1] == '\n';
		if (!is_wsp(*value.p) && !line_end)
			break;
		value = str_skip(value, line_end ? 2 : 1);
	}
	r.put = add_to_buf;
	r.arg = out;
	r.unfold = true;
	r.space = false;
	r.n = 0;
	relax(&r, value);
}

void
dkim_canon_field(struct buf *out, enum dkim_canon c, struct str whole)
{
	whole = without_line_end(whole);
	if (c == DKIM_RELAXED)
		relaxed_field(out, whole);
	else
		buf_adds(out, whole);
	buf_add(out, "\r\n", 2);
}

/* The lines up to the last that is not empty, without its line end. */
static struct str
up_to_empty_lines(enum dkim_canon c, struct str body)
{
	while (body.n) {
		if (c == DKIM_RELAXED)
			body = without_spaces_behind(body);
		if (!str_ends(body, STR("\r\n")))
			break;
		body.n -= 2;
	}
	return body;
}

void
dkim_canon_body(enum dkim_canon c, struct str body, dkim_canon_put *put, void *arg)
{
	struct relaxing r;
	struct str lines = up_to_empty_lines(c, body);
	if (c == DKIM_RELAXED && lines.n) {
		r.put = put;
		r.arg = arg;
		r.unfold = r.space = false;
		r.n = 0;
		relax(&r, lines);
	} else if (lines.n) {
		put(arg, lines.p, lines.n);
	}
	if (lines.n || c == DKIM_SIMPLE)
		put(arg, "\r\n", 2);
}

void
dkim_canon_line(struct buf *out, enum dkim_canon c, struct str line)
{
	struct relaxing r;
	if (c == DKIM_SIMPLE) {
		buf_adds(out, line);
		return;
	}
	r.put = add_to_buf;
	r.arg = out;
	r.unfold = r.space = false;
	r.n = 0;
	relax(&r, line);
}
