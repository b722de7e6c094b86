#include <stdint.h>
#include <string.h>

#include "transfer_encoding.h"

/* One more than what the character stands for; 0: it is none of base64. */
static unsigned
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A') + 1;
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 27;
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + 53;
	return c == '+' ? 63 : c == '/' ? 64 : 0;
}

void
transfer_decode_base64(struct buf *out, struct str s)
{
	uint32_t word = 0;
	unsigned bits = 0, places = 0;
	buf_reserve(out, s.n / 4 * 3 + 3);
	char *to = out->p + out->n;
	for (size_t i = 0; i < s.n; i++) {
		unsigned value = base64_value(s.p[i]);
		if (value == 0) {
			if (s.p[i] == '=' && places % 4 >= 2)
				break;
			continue;
		}
		word = word << 6 | (value - 1);
		bits += 6;
		places++;
		if (bits >= 8) {
			bits -= 8;
			*to++ = (char)(word >> bits);
		}
	}
	out->n = (size_t)(to - out->p);
}

static int
hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

/* A '=' at the start of s: appends what it means, returns what it took. */
static size_t
escape(struct buf *out, struct str s)
{
	size_t n = 1;
	int high = s.n > 2 ? hex(s.p[1]) : -1, low = high >= 0 ? hex(s.p[2]) : -1;
	if (low >= 0) {
		buf_addc(out, (char)(high << 4 | low));
		return 3;
	}
	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t' || s.p[n] == '\r'))
		n++;
	if (n == s.n || s.p[n] == '\n') /* a soft line break */
		return n < s.n ? n + 1 : n;
	buf_addc(out, '=');
	return 1;
}

static void
decode_quoted_printable(struct buf *out, struct str s)
{
	buf_reserve(out, s.n);
	while (s.n) {
		const char *mark = memchr(s.p, '=', s.n);
		size_t plain = mark ? (size_t)(mark - s.p) : s.n;
		buf_add(out, s.p, plain);
		s = str_skip(s, plain);
		if (s.n)
			s = str_skip(s, escape(out, s));
	}
}

static void
decode_uu_line(struct buf *out, struct str line)
{
	size_t n = line.n ? ((unsigned char)line.p[0] - 32u) & 63 : 0;
	for (size_t i = 1; n && i < line.n; i += 4) {
		unsigned c[4];
		for (size_t k = 0; k < 4; k++)
			c[k] = i + k < line.n ? ((unsigned char)line.p[i + k] - 32u) & 63 : 0;
		uint32_t word = c[0] << 18 | c[1] << 12 | c[2] << 6 | c[3];
		for (int shift = 16; shift >= 0 && n; shift -= 8, n--)
			buf_addc(out, (char)(word >> shift));
	}
}

static void
decode_uu(struct buf *out, struct str s)
{
	bool begun = false;
	while (s.n) {
		struct str line = str_cut(&s, '\n');
		while (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (begun && str_eq(line, STR("end")))
			return;
		if (begun)
			decode_uu_line(out, line);
		begun = begun || str_starts(line, STR("begin "));
	}
}

enum encoding { IDENTITY, BASE64, QUOTED_PRINTABLE, UU };

static enum encoding
find_encoding(struct str name)
{
	static const struct {
		const char *name;
		enum encoding encoding;
	} list[] = {
		{"base64", BASE64},
		{"quoted-printable", QUOTED_PRINTABLE},
		{"x-uuencode", UU},
		{"uuencode", UU},
		{"x-uue", UU},
		{"uue", UU},
	};
	name = str_trim(name);
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_ieq(name, str_of(list[i].name)))
			return list[i].encoding;
	return IDENTITY;
}

bool
transfer_is_identity(struct str encoding)
{
	return find_encoding(encoding) == IDENTITY;
}

void
transfer_decode(struct buf *out, struct str s, struct str encoding, size_t max)
{
	if (s.n > max)
		s.n = max;
	switch (find_encoding(encoding)) {
	case BASE64:
		transfer_decode_base64(out, s);
		break;
	case QUOTED_PRINTABLE:
		decode_quoted_printable(out, s);
		break;
	case UU:
		decode_uu(out, s);
		break;
	default:
		buf_adds(out, s);
	}
}
