#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "columns.h"
#include "screen.h"
#include "num.h"
#include "utf8.h"

void
columns_init(void)
{
	(void)setlocale(LC_CTYPE, "C.UTF-8");
}

int
columns_of_terminal(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	int n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return columns && num_int(str_of(columns), 20, 10000, &n) == 0 ? n : 80;
}

struct str
columns_glyph(struct str s, int *width, size_t *taken)
{
	wchar_t wide;
	size_t n = utf8_length(s);
	*taken = n ? n : 1;
	*width = 1;
	if (n == 0 || (unsigned char)s.p[0] < 0x20 || s.p[0] == 0x7f)
		return STR(" ");
	mbstate_t state = {0};
	int w = mbrtowc(&wide, s.p, n, &state) == n ? wcwidth(wide) : -1;
	/* controls, and marks that turn the direction of what follows */
	if (w < 0 || (wide >= 0x202a && wide <= 0x202e) || (wide >= 0x2066 && wide <= 0x2069))
		return STR("?");
	*width = w;
	return str_n(s.p, n);
}

int
columns_fit(struct str s, int columns)
{
	struct buf fitted = {0};
	int used = screen_fit(&fitted, s, columns);
	if (fitted.n)
		fwrite(fitted.p, 1, fitted.n, stdout);
	buf_release(&fitted);
	return used;
}

void
columns_pad(int used, int columns)
{
	for (; used < columns; used++)
		putchar(' ');
}

void
columns_cell(struct str s, int columns)
{
	columns_pad(columns_fit(s, columns), columns);
}
