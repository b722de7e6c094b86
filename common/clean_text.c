#include "clean_text.h"
#include "utf8.h"

void
clean_text_add(struct buf *out, struct str s)
{
	while (s.n) {
		size_t good = utf8_text_length(s);
		buf_add(out, s.p, good);
		s = str_skip(s, good);
		if (s.n == 0)
			return;
		size_t bad = utf8_length(s);
		buf_addc(out, '?');
		s = str_skip(s, bad ? bad : 1);
	}
}

void
clean_text_print(FILE *out, struct str s)
{
	struct buf clean = {0};
	clean_text_add(&clean, s);
	if (clean.n)
		(void)fwrite(clean.p, 1, clean.n, out);
	buf_release(&clean);
}

size_t
clean_text_width(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}
