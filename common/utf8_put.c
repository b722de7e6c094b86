#include "utf8.h"
#include "utf8_put.h"

bool
utf8_put(struct buf *out, unsigned code)
{
	if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return false;
	if (code < 0x80) {
		buf_addc(out, (char)code);
	} else if (code < 0x800) {
		buf_addc(out, (char)(0xc0 | code >> 6));
		buf_addc(out, (char)(0x80 | (code & 0x3f)));
	} else if (code < 0x10000) {
		buf_addc(out, (char)(0xe0 | code >> 12));
		buf_addc(out, (char)(0x80 | (code >> 6 & 0x3f)));
		buf_addc(out, (char)(0x80 | (code & 0x3f)));
	} else {
		buf_addc(out, (char)(0xf0 | code >> 18));
		buf_addc(out, (char)(0x80 | (code >> 12 & 0x3f)));
		buf_addc(out, (char)(0x80 | (code >> 6 & 0x3f)));
		buf_addc(out, (char)(0x80 | (code & 0x3f)));
	}
	return true;
}

unsigned
utf8_windows_1252(unsigned char c)
{
	static const unsigned short high[32] = {0x20ac, 0xfffd, 0x201a, 0x192, 0x201e, 0x2026,
		0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0xfffd, 0x17d, 0xfffd,
		0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122,
		0x161, 0x203a, 0x153, 0xfffd, 0x17e, 0x178};
	return c >= 0x80 && c < 0xa0 ? high[c - 0x80] : c;
}

void
utf8_repair(struct buf *out, struct str s)
{
	size_t from = 0, at = 0;
	while (at < s.n) {
		size_t len = s.p[at] ? utf8_length(str_skip(s, at)) : 0;
		if (len) {
			at += len;
			continue;
		}
		buf_add(out, s.p + from, at - from);
		if (!utf8_put(out, utf8_windows_1252((unsigned char)s.p[at])))
			buf_addc(out, ' ');
		from = ++at;
	}
	if (at > from)
		buf_add(out, s.p + from, at - from);
}

bool
utf8_stands_alone(unsigned code)
{
	return (code >= 0x3040 && code <= 0x30ff) || /* kana */
	       (code >= 0x3400 && code <= 0x4dbf) || /* ideographs, extension A */
	       (code >= 0x4e00 && code <= 0x9fff) || /* ideographs */
	       (code >= 0xf900 && code <= 0xfaff) || /* compatibility ideographs */
	       (code >= 0x20000 && code <= 0x3ffff); /* the supplementary ones */
}
