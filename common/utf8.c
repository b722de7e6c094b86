#include <stdint.h>

#include "utf8.h"

size_t
utf8_length(struct str s)
{
	/* Smallest and largest second byte by first byte: RFC 3629 section 4. */
	const unsigned char *p = (const unsigned char *)s.p;
	if (s.n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || s.n < len)
		return 0;
	unsigned char low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool
utf8_valid(struct str s)
{
	while (s.n) {
		size_t len = utf8_length(s);
		if (len == 0)
			return false;
		s = str_skip(s, len);
	}
	return true;
}

bool
utf8_is_c1(struct str s)
{
	return s.n >= 2 && (unsigned char)s.p[0] == 0xc2 && (unsigned char)s.p[1] < 0xa0;
}

#define EACH(octet) (UINT64_C(0x0101010101010101) * (octet))

/* Are eight octets all of ' ' to '~'?  What borrows from its neighbour is below ' '
 * itself, so none is missed. */
static bool
eight_printable(const char *p)
{
	uint64_t w;
	memcpy(&w, p, sizeof(w));
	uint64_t low = w - EACH(0x20), del = (w ^ EACH(0x7f)) - EACH(0x01);
	return ((w | low | del) & EACH(0x80)) == 0;
}

size_t
utf8_text_length(struct str s)
{
	size_t i = 0;
	while (i < s.n) {
		if (s.n - i >= 8 && eight_printable(s.p + i)) {
			i += 8;
			continue;
		}
		unsigned char c = (unsigned char)s.p[i];
		struct str rest = str_skip(s, i);
		size_t len = c < 0x80 ? c >= 0x20 && c != 0x7f : utf8_length(rest);
		if (len == 0 || utf8_is_c1(rest))
			return i;
		i += len;
	}
	return i;
}
