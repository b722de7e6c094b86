#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "charset.h"
#include "charset_name.h"
#include "charset_shift.h"
#include "utf8.h"
#include "utf8_put.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* Without input, appends what iconv keeps back: of windows-1255 and others, the last
 * letter, as a mark may follow it. */
static size_t
feed(struct buf *text, iconv_t cd, char **in, size_t *left)
{
	buf_reserve(text, *left + *left / 2 + 16);
	char *to = text->p + text->n;
	size_t room = text->cap - text->n;
	size_t rc = iconv(cd, in, left, &to, &room);
	text->n = (size_t)(to - text->p);
	return rc;
}

static bool
is_high(struct str s, size_t i)
{
	return i < s.n && (unsigned char)s.p[i] > 0xa0 && s.p[i] != '\xff';
}

/* The octets of what iconv cannot read at the start of s: with fewer it would read halves
 * of characters together from there on. */
static size_t
unit(struct str s, const char *name)
{
	size_t n = strncmp(name, "UTF-16", 6) == 0   ? 2
		   : strncmp(name, "UTF-32", 6) == 0 ? 4
						     : 1;
	if (strcmp(name, "EUC-JP-MS") == 0 && s.p[0] == '\x8f' && is_high(s, 1) &&
		is_high(s, 2))
		n = 3;
	else if (strcmp(name, "EUC-JP-MS") == 0 && is_high(s, 0) && is_high(s, 1))
		n = 2;
	return n < s.n ? n : s.n;
}

/* What iconv cannot read becomes U+FFFD. */
static void
convert(struct buf *out, struct str octets, iconv_t cd, const char *name)
{
	struct buf text = {0};
	char *in = (char *)(uintptr_t)octets.p;
	size_t left = octets.n, none = 0;
	while (left) {
		if (feed(&text, cd, &in, &left) != (size_t)-1 || errno == E2BIG)
			continue;
		buf_addstr(&text, REPLACEMENT);
		size_t n = unit(str_n(in, left), name);
		in += n;
		left -= n;
	}
	(void)feed(&text, cd, NULL, &none);
	utf8_repair(out, buf_str(&text)); /* NULs go */
	buf_release(&text);
}

static void
windows_1252(struct buf *out, struct str s)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c && c < 0x80)
			continue;
		buf_add(out, s.p + from, i - from);
		if (!utf8_put(out, utf8_windows_1252(c)))
			buf_addc(out, ' ');
		from = i + 1;
	}
	if (s.n)
		buf_add(out, s.p + from, s.n - from);
}

void
charset_to_utf8(struct buf *out, struct str octets, struct str charset)
{
	char name[CHARSET_NAME_MAX];
	struct buf unshifted = {0};
	charset_name(charset, name);
	if (strcmp(name, "CP1252") == 0) {
		windows_1252(out, octets);
		return;
	}
	const char *known = charset_unshift(&unshifted, octets, name);
	if (known)
		octets = buf_str(&unshifted);
	else
		known = name;
	iconv_t cd = *known && octets.n ? iconv_open("UTF-8", known) : (iconv_t)-1;
	if (cd == (iconv_t)-1) {
		utf8_repair(out, octets);
	} else {
		convert(out, octets, cd, known);
		iconv_close(cd);
	}
	buf_release(&unshifted);
}

/* ISO-2022-JP and the like look like ASCII. */
static bool
shifts(struct str octets, struct str charset)
{
	char name[CHARSET_NAME_MAX];
	if (!octets.n || !memchr(octets.p, '\x1b', octets.n))
		return false;
	charset_name(charset, name);
	return str_istarts(str_of(name), STR("ISO-2022-"));
}

void
charset_guess(struct buf *out, struct str octets, struct str charset)
{
	if (!charset.n || (utf8_valid(octets) && !shifts(octets, charset)))
		utf8_repair(out, octets);
	else
		charset_to_utf8(out, octets, charset);
}
