#include <stdlib.h>

#include "encoded_word.h"
#include "mime_part.h"
#include "mimetext_header.h"

static void
blank_controls(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = ' ';
}

void
mimetext_header(struct buf *out, struct str value, struct str charset)
{
	if (value.n > MIMETEXT_MAX_HEADER)
		value.n = MIMETEXT_MAX_HEADER;
	char *unfolded = header_unfold(value);
	size_t at = out->n;
	encoded_words(out, str_of(unfolded), charset);
	if (out->n > at)
		blank_controls(out->p + at, out->n - at);
	free(unfolded);
}

static bool
first_text(void *arg, const struct mime_part *p)
{
	if (p->kind != MIME_TEXT && p->kind != MIME_BROKEN)
		return true;
	(void)mime_value_param(&p->type, "charset", arg);
	return false;
}

void
mimetext_charset(struct buf *out, const struct message *m)
{
	mime_walk(m, first_text, out);
}
