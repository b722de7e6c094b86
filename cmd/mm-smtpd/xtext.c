#include "xtext.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; /* RFC 3461: no lower case */
}

bool
xtext_char(struct str s, unsigned char *octet, size_t *used)
{
	*used = 1;
	*octet = (unsigned char)s.p[0];
	if (s.p[0] != '+')
		return s.p[0] > ' ' && s.p[0] < 0x7f && s.p[0] != '=';
	if (s.n < 3 || hex(s.p[1]) < 0 || hex(s.p[2]) < 0)
		return false;
	*used = 3;
	*octet = (unsigned char)(hex(s.p[1]) * 16 + hex(s.p[2]));
	return true;
}

int
xtext_decode(struct str s, struct buf *out)
{
	unsigned char octet;
	size_t used;
	for (; s.n; s = str_skip(s, used)) {
		if (!xtext_char(s, &octet, &used))
			return -1;
		buf_addc(out, (char)octet);
	}
	return 0;
}
