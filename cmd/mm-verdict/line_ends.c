#include "line_ends.h"

static bool
has_bare_lf(struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		if (p == s.p || p[-1] != '\r')
			return true;
		p++;
	}
	return false;
}

static void
add_crlf(struct buf *out, struct str s)
{
	buf_reserve(out, s.n + s.n / 32);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r'))
			buf_addc(out, '\r');
		buf_addc(out, s.p[i]);
	}
}

struct str
line_ends_normal(struct str octets, struct buf *normal)
{
	if (octets.n == 0 || !has_bare_lf(octets))
		return octets;
	add_crlf(normal, octets);
	return buf_str(normal);
}
