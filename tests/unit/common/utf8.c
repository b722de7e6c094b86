#include "tap.h"
#include "utf8.h"

/* What RFC 3629 says, by decoding; 0 when it is no character. */
static size_t
expected_length(const unsigned char *p, size_t n)
{
	static const unsigned long smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : 4;
	if (len == 4 && p[0] >> 3 != 30)
		return 0;
	if (n < len)
		return 0;
	unsigned long c = len == 1 ? p[0] : p[0] & (0xff >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < smallest[len] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return 0;
	return len;
}

static const unsigned char edges[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
	0xc0, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xff};

/* Every octet at every place of a text that is longer than two words. */
static long
wrong_text_lengths(void)
{
	long wrong = 0;
	for (int c = 0; c < 256; c++) {
		for (size_t at = 0; at < 20; at++) {
			char text[] = " ~text of twenty oct";
			text[at] = (char)c;
			size_t expected = c >= 0x20 && c < 0x7f ? 20 : at;
			wrong += utf8_text_length(str_n(text, 20)) != expected;
		}
	}
	return wrong;
}

int
main(void)
{
	long wrong = 0;
	for (int a = 0; a < 256; a++) {
		for (int b = 0; b < 256; b++) {
			for (size_t k = 0; k < sizeof(edges) * sizeof(edges); k++) {
				unsigned char p[4] = {(unsigned char)a, (unsigned char)b,
					edges[k / sizeof(edges)], edges[k % sizeof(edges)]};
				for (size_t n = 1; n <= 4; n++)
					wrong += utf8_length(str_n((char *)p, n)) !=
						 expected_length(p, n);
			}
		}
	}
	is_int(wrong, 0, "every first and second octet with edges behind, of every length");
	is_int((long long)utf8_length(STR_NONE), 0, "nothing is no character");
	ok(utf8_valid(STR("")) && utf8_valid(STR("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xa7")),
		"valid text");
	ok(!utf8_valid(STR("a\xc3")) && !utf8_valid(STR("\xed\xa0\x80")), "invalid text");
	ok(utf8_is_c1(STR("\xc2\x80")) && utf8_is_c1(STR("\xc2\x9f")), "C1 controls");
	ok(utf8_is_c1(STR("\xc2\x9b"
			  "31m")),
		"with text behind it");
	ok(!utf8_is_c1(STR("a\xc2\x9b")) && !utf8_is_c1(STR("\xc2")), "not first, not whole");
	ok(!utf8_is_c1(STR("\xc2\xa0")) && !utf8_is_c1(STR("a")), "others");
	is_int(wrong_text_lengths(), 0, "text ends at what is no text");
	is_int((long long)utf8_text_length(STR("seven: \xc3\xa4\xe2\x82\xac\xc2\x9b m")), 12,
		"or at a C1 control");
	is_int((long long)utf8_text_length(STR_NONE), 0, "nothing has none");
	return done();
}
