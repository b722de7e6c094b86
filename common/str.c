#include <string.h>

#include "mem.h"
#include "str.h"

char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
same_folded(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	return true;
}

bool
str_ieq(struct str a, struct str b)
{
	return a.n == b.n && same_folded(a.p, b.p, a.n);
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_n(s.p, prefix.n), prefix);
}

bool
str_istarts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && same_folded(s.p, prefix.p, prefix.n);
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_n(s.p + s.n - suffix.n, suffix.n), suffix);
}

bool
str_iends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && same_folded(s.p + s.n - suffix.n, suffix.p, suffix.n);
}

bool
str_icontains(struct str s, struct str part)
{
	for (size_t i = 0; i + part.n <= s.n; i++)
		if (same_folded(s.p + i, part.p, part.n))
			return true;
	return false;
}

bool
str_contains(struct str s, struct str part)
{
	if (part.n == 0 || s.n < part.n)
		return part.n == 0;
	/* memmem() makes a table first, which takes longer than looking through a field */
	if (s.n > 256)
		return memmem(s.p, s.n, part.p, part.n) != NULL;
	const char *end = s.p + (s.n - part.n) + 1;
	for (const char *p = s.p; p < end; p++) {
		p = memchr(p, *part.p, (size_t)(end - p));
		if (!p)
			return false;
		if (memcmp(p, part.p, part.n) == 0)
			return true;
	}
	return false;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_trim(struct str s)
{
	while (s.n && is_space(*s.p))
		s.p++, s.n--;
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str
str_cut(struct str *rest, char sep)
{
	struct str piece = *rest;
	const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
	if (!at) {
		*rest = STR_NONE;
		return piece;
	}
	piece.n = (size_t)(at - piece.p);
	*rest = str_n(at + 1, rest->n - piece.n - 1);
	return piece;
}

struct str
str_word(struct str *rest)
{
	size_t i = 0;
	while (i < rest->n && (rest->p[i] == ' ' || rest->p[i] == '\t'))
		i++;
	struct str word = str_n(str_skip(*rest, i).p, 0);
	while (i + word.n < rest->n && rest->p[i + word.n] != ' ' &&
		rest->p[i + word.n] != '\t')
		word.n++;
	*rest = str_skip(*rest, i + word.n);
	return word;
}

char *
str_dup(struct str s)
{
	return xmemdup0(s.p, s.n);
}

bool
str_copy(struct str s, char *buf, size_t size)
{
	size_t n = s.n < size ? s.n : size - 1;
	if (n)
		memcpy(buf, s.p, n);
	buf[n] = '\0';
	return n == s.n;
}

bool
str_is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

struct str
str_lowered(struct str s, char *buf, size_t size)
{
	size_t n = s.n < size ? s.n : size;
	for (size_t i = 0; i < n; i++)
		buf[i] = ascii_lower(s.p[i]);
	return str_n(buf, n);
}
