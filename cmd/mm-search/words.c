#include <glib.h>

#include "mem.h"
#include "utf8.h"
#include "utf8_put.h"
#include "words.h"

static bool
in_word(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);
	return g_unichar_isalnum(c) || type == G_UNICODE_NON_SPACING_MARK ||
	       type == G_UNICODE_PRIVATE_USE || type == G_UNICODE_OTHER_NUMBER ||
	       type == G_UNICODE_LETTER_NUMBER;
}

/* Length of the character at the start of s; *c is 0 where it is none. */
static size_t
next(struct str s, gunichar *c)
{
	size_t n = utf8_length(s);
	*c = n ? g_utf8_get_char(s.p) : 0;
	return n ? n : 1;
}

bool
words_next(struct str *rest, struct str *word)
{
	gunichar c;
	size_t n = 0;
	while (rest->n && (n = next(*rest, &c), !in_word(c)))
		*rest = str_skip(*rest, n);
	if (rest->n == 0)
		return false;
	*word = str_n(rest->p, n);
	*rest = str_skip(*rest, n);
	while (!utf8_stands_alone(c) && rest->n && (n = next(*rest, &c), in_word(c)) &&
		!utf8_stands_alone(c)) {
		word->n += n;
		*rest = str_skip(*rest, n);
	}
	return true;
}

char *
words_fold(struct str word)
{
	char *apart = g_utf8_normalize(word.p, (gssize)word.n, G_NORMALIZE_NFD);
	GString *out = g_string_new(NULL);
	for (const char *p = apart; p && *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (g_unichar_type(c) != G_UNICODE_NON_SPACING_MARK)
			g_string_append_unichar(out, g_unichar_tolower(c));
	}
	char *copy = xstrdup(out->str);
	g_string_free(out, TRUE);
	g_free(apart);
	return copy;
}
