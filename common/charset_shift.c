#include <string.h>

#include "charset_shift.h"

#define HIGH 0x80

enum set { ASCII, KANA, KANJI, SUPPLEMENT };

static bool
is_graphic(struct str s, size_t i)
{
	return i < s.n && s.p[i] > ' ' && s.p[i] < 0x7f;
}

/* Two octets of a set of 94 by 94; of one that stands alone a '?'. */
static size_t
take_pair(struct buf *out, struct str s)
{
	if (!is_graphic(s, 1)) {
		buf_addc(out, '?');
		return 1;
	}
	buf_addc(out, (char)(s.p[0] | HIGH));
	buf_addc(out, (char)(s.p[1] | HIGH));
	return 2;
}

/* RFC 1468, RFC 2237, and katakana as they are sent with it.  The length of the escape
 * sequence at the start of s, 0 if it is none. */
static size_t
japanese_escape(struct str s, enum set *set)
{
	static const struct {
		struct str sequence;
		enum set set;
	} escapes[] = {{{"\x1b(B", 3}, ASCII}, {{"\x1b(J", 3}, ASCII}, {{"\x1b(H", 3}, ASCII},
		{{"\x1b(I", 3}, KANA}, {{"\x1b$@", 3}, KANJI}, {{"\x1b$B", 3}, KANJI},
		{{"\x1b$(@", 4}, KANJI}, {{"\x1b$(B", 4}, KANJI}, {{"\x1b$(D", 4}, SUPPLEMENT},
		{{"\x0e", 1}, KANA}, {{"\x0f", 1}, ASCII}};
	if (!memchr("\x1b\x0e\x0f", s.p[0], 3))
		return 0;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (!str_starts(s, escapes[i].sequence))
			continue;
		*set = escapes[i].set;
		return escapes[i].sequence.n;
	}
	return 0;
}

static void
japanese(struct buf *out, struct str s)
{
	enum set set = ASCII;
	while (s.n) {
		size_t n = japanese_escape(s, &set);
		if (n == 0 && set != ASCII && is_graphic(s, 0)) {
			if (set != KANJI)
				buf_addc(out, set == KANA ? '\x8e' : '\x8f');
			if (set != KANA)
				n = take_pair(out, s);
			else
				buf_addc(out, (char)(s.p[0] | HIGH));
		} else if (n == 0) {
			buf_addc(out, s.p[0]);
		}
		s = str_skip(s, n ? n : 1);
	}
}

/* RFC 1843 */
static void
chinese(struct buf *out, struct str s)
{
	bool shifted = false;
	while (s.n) {
		size_t n = 1;
		if (str_starts(s, STR("~{")) || str_starts(s, STR("~}"))) {
			shifted = s.p[1] == '{';
			n = 2;
		} else if (str_starts(s, STR("~~")) && !shifted) {
			buf_addc(out, '~');
			n = 2;
		} else if (str_starts(s, STR("~\n")) && !shifted) {
			n = 2;
		} else if (shifted && is_graphic(s, 0)) {
			n = take_pair(out, s);
		} else {
			buf_addc(out, s.p[0]);
		}
		s = str_skip(s, n);
	}
}

const char *
charset_unshift(struct buf *out, struct str octets, const char *name)
{
	if (strcmp(name, "ISO-2022-JP") == 0) {
		japanese(out, octets);
		return "EUC-JP-MS";
	}
	if (strcmp(name, "HZ") == 0) {
		chinese(out, octets);
		return "GB18030";
	}
	return NULL;
}
