#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <strings.h>

#include "charset.h"
#include "charset_name.h"
#include "utf8.h"
#include "utf8_put.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* What iconv cannot read becomes U+FFFD, octet by octet. */
static void
convert(struct buf *out, struct str octets, iconv_t cd)
{
	struct buf text = {0};
	char *in = (char *)(uintptr_t)octets.p;
	size_t left = octets.n;
	while (left) {
		buf_reserve(&text, left + left / 2 + 16);
		char *to = text.p + text.n;
		size_t room = text.cap - text.n;
		size_t rc = iconv(cd, &in, &left, &to, &room);
		text.n = (size_t)(to - text.p);
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		buf_addstr(&text, REPLACEMENT);
		in++;
		left--;
	}
	/* a letter that waits for marks to combine with */
	buf_reserve(&text, 16);
	char *to = text.p + text.n;
	size_t room = text.cap - text.n;
	(void)iconv(cd, NULL, NULL, &to, &room);
	text.n = (size_t)(to - text.p);
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
	charset_name(charset, name);
	if (strcmp(name, "CP1252") == 0) {
		windows_1252(out, octets);
		return;
	}
	iconv_t cd = *name && octets.n ? iconv_open("UTF-8", name) : (iconv_t)-1;
	if (cd == (iconv_t)-1) {
		utf8_repair(out, octets);
		return;
	}
	convert(out, octets, cd);
	iconv_close(cd);
}

void
charset_guess(struct buf *out, struct str octets, struct str charset)
{
	if (!charset.n || utf8_valid(octets))
		utf8_repair(out, octets);
	else
		charset_to_utf8(out, octets, charset);
}
