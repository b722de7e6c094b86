#include "columns.h"
#include "screen.h"

int
screen_fit(struct buf *out, struct str s, int columns)
{
	int used = 0, width;
	size_t taken;
	while (s.n) {
		struct str g = columns_glyph(s, &width, &taken);
		if (columns && used + width > columns)
			break;
		buf_adds(out, g);
		used += width;
		s = str_skip(s, taken);
	}
	return used;
}

void
screen_pad(struct buf *out, int used, int columns)
{
	for (; used < columns; used++)
		buf_addc(out, ' ');
}
