#include "line_ends.h"

#define BLOCK 64

/* In the block at p, of which the octet before is looked at too.  Without branches, for
 * the compiler to make vectors of it. */
static bool
block_has_bare_lf(const char *p)
{
	unsigned char bare = 0;
	for (int i = 0; i < BLOCK; i++)
		bare |= (unsigned char)((p[i] == '\n') & (p[i - 1] != '\r'));
	return bare;
}

static bool
has_bare_lf(struct str s)
{
	size_t i = 1;
	if (s.p[0] == '\n')
		return true;
	for (; s.n - i >= BLOCK; i += BLOCK)
		if (block_has_bare_lf(s.p + i))
			return true;
	for (; i < s.n; i++)
		if (s.p[i] == '\n' && s.p[i - 1] != '\r')
			return true;
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
