#include <glib.h>
#include <stdint.h>

#include "utf8.h"
#include "utf8_put.h"
#include "words.h"

#define SEPARATOR 0
#define MARK 1 /* belongs to a word, is left out of it */

static bool
is_accent(gunichar c)
{
	return c >= 0x300 && c <= 0x36f;
}

static bool
in_words(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_LOWERCASE_LETTER:
	case G_UNICODE_MODIFIER_LETTER:
	case G_UNICODE_OTHER_LETTER:
	case G_UNICODE_TITLECASE_LETTER:
	case G_UNICODE_UPPERCASE_LETTER:
	case G_UNICODE_SPACING_MARK:
	case G_UNICODE_ENCLOSING_MARK:
	case G_UNICODE_NON_SPACING_MARK:
	case G_UNICODE_DECIMAL_NUMBER:
	case G_UNICODE_LETTER_NUMBER:
	case G_UNICODE_OTHER_NUMBER:
	case G_UNICODE_PRIVATE_USE:
		return true;
	default:
		return false;
	}
}

/* Without the accents that its canonical decomposition has. */
static gunichar
base_letter(gunichar c)
{
	gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
	gsize n =
		g_unichar_fully_decompose(c, FALSE, parts, G_UNICHAR_MAX_DECOMPOSITION_LENGTH);
	for (gsize i = 1; i < n; i++)
		if (!is_accent(parts[i]))
			return c;
	return parts[0];
}

static gunichar
fold(gunichar c)
{
	if (c >= 0xff01 && c <= 0xff5e)
		c -= 0xfee0; /* wide forms of ASCII */
	if (is_accent(c))
		return MARK;
	if (!in_words(c))
		return SEPARATOR;
	c = g_unichar_tolower(base_letter(c));
	return c == 0x3c2 ? 0x3c3 : c; /* a sigma that ends a word */
}

/* fold() of what was asked for before, plus one; what threads write at a time is the
 * same. */
static gunichar
known_fold(gunichar c)
{
	static uint16_t known[0x10000];
	if (c >= 0xffff)
		return fold(c);
	gunichar folded = __atomic_load_n(&known[c], __ATOMIC_RELAXED);
	if (folded)
		return folded - 1;
	folded = fold(c);
	if (folded < 0xffff)
		__atomic_store_n(&known[c], (uint16_t)(folded + 1), __ATOMIC_RELAXED);
	return folded;
}

/* SEPARATOR where nothing stands. */
/* clang-format off */
static const char ascii_folded[0x80] = {
	['0'] = '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
	['A'] = 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm',
	'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
	['a'] = 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm',
	'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z'};
/* clang-format on */

/* The character at the start of s, folded; *n: its octets. */
static gunichar
next(struct str s, size_t *n)
{
	unsigned char first = (unsigned char)s.p[0];
	*n = 1;
	if (first < 0x80)
		return (gunichar)ascii_folded[first];
	size_t length = utf8_length(s);
	if (length == 0)
		return SEPARATOR;
	*n = length;
	return known_fold(g_utf8_get_char(s.p));
}

static void
space(struct buf *out, size_t start)
{
	if (out->n > start && out->p[out->n - 1] != ' ')
		buf_addc(out, ' ');
}

/* As many octets as are ASCII, which most text is; returns their number. */
static size_t
fold_ascii(struct buf *out, struct str text, size_t start)
{
	size_t i = 0;
	buf_reserve(out, text.n);
	char *p = out->p + out->n;
	const char *first = out->p + start;
	for (; i < text.n && (unsigned char)text.p[i] < 0x80; i++) {
		char c = ascii_folded[(unsigned char)text.p[i]];
		if (c)
			*p++ = c;
		else if (p > first && p[-1] != ' ')
			*p++ = ' ';
	}
	out->n = (size_t)(p - out->p);
	return i;
}

void
words_folded(struct buf *out, struct str text)
{
	size_t n, start = out->n;
	for (size_t i = 0; i < text.n; i += n) {
		n = fold_ascii(out, str_n(text.p + i, text.n - i), start);
		if (n)
			continue;
		gunichar c = next(str_n(text.p + i, text.n - i), &n);
		if (c == SEPARATOR) {
			space(out, start);
		} else if (c < 0x80) {
			if (c != MARK)
				buf_addc(out, (char)c);
		} else if (utf8_stands_alone(c)) {
			space(out, start);
			utf8_put(out, c);
			buf_addc(out, ' ');
		} else {
			utf8_put(out, c);
		}
	}
	if (out->n > start && out->p[out->n - 1] == ' ')
		out->n--;
}

bool
words_next(struct str *rest, struct str *word)
{
	gunichar c = SEPARATOR;
	size_t n = 0;
	while (rest->n && (c = next(*rest, &n)) <= MARK)
		*rest = str_skip(*rest, n);
	if (rest->n == 0)
		return false;
	*word = str_n(rest->p, n);
	*rest = str_skip(*rest, n);
	while (!utf8_stands_alone(c) && rest->n) {
		gunichar after = next(*rest, &n);
		if (after == SEPARATOR || utf8_stands_alone(after))
			break;
		word->n += n;
		*rest = str_skip(*rest, n);
	}
	return true;
}
