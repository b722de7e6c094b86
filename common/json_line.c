#include <stdio.h>
#include <stdlib.h>

#include "json_line.h"
#include "utf8.h"

/* U+0080 to U+009F, ends of lines and what turns the direction of text; 0 for others. */
static unsigned
unsafe(struct str s)
{
	const unsigned char *c = (const unsigned char *)s.p;
	if (utf8_is_c1(s))
		return c[1];
	if (s.n < 3 || c[0] != 0xe2)
		return 0;
	unsigned code = 0x2000u | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
	return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ? code
											: 0;
}

void
json_line_add(struct buf *out, const json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER);
	struct str rest = str_of(text ? text : "");
	const char *plain = rest.p;
	while (rest.n) {
		unsigned code = (unsigned char)rest.p[0] < 0xc2 ? 0 : unsafe(rest);
		if (code) {
			buf_add(out, plain, (size_t)(rest.p - plain));
			buf_addf(out, "\\u%04x", code);
			plain = rest.p + (code < 0x100 ? 2 : 3);
		}
		rest = str_skip(rest, code ? (size_t)(plain - rest.p) : 1);
	}
	buf_add(out, plain, (size_t)(rest.p - plain));
	buf_addc(out, '\n');
	free(text);
}

void
json_line_print(const json_t *o)
{
	struct buf line = {0};
	json_line_add(&line, o);
	fwrite(line.p, 1, line.n, stdout);
	buf_release(&line);
}
