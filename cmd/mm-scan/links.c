#include "buf.h"
#include "links.h"

#define MAX_AUTHORITY 1000 /* octets that are taken for user, host and port */

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

/* What a host name is made of: octets above 127 belong to names that are not ASCII. */
static bool
is_name_octet(char c)
{
	return is_alnum(c) || c == '-' || c == '.' || c == '_' || (unsigned char)c >= 0x80;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The dots of East Asian scripts are dots to browsers (UTS 46 section 2.3). */
static void
add_dots_alike(struct buf *out, struct str s)
{
	static const char *const dots[] = {"\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"};
	while (s.n) {
		size_t taken = 0;
		for (size_t i = 0; i < 3 && !taken; i++)
			taken = str_starts(s, str_of(dots[i])) ? 3 : 0;
		buf_addc(out, taken ? '.' : s.p[0]);
		s = str_skip(s, taken ? taken : 1);
	}
}

static void
add_unescaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = i + 2 < s.n && s.p[i] == '%' ? hex_digit(s.p[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(s.p[i + 2]) : -1;
		buf_addc(out, low >= 0 ? (char)(high << 4 | low) : s.p[i]);
		i += low >= 0 ? 2 : 0;
	}
}

/* user@host:port, up to what ends it; the host is behind the last "@". */
static void
give_authority(struct str s, link_host *each, void *arg)
{
	struct buf plain = {0}, host = {0};
	size_t n = 0, at = 0, end = 0;
	while (n < s.n && n < MAX_AUTHORITY && (unsigned char)s.p[n] > ' ' &&
		!strchr("/\\?#\"'<>", s.p[n]))
		n++;
	for (size_t i = 0; i < n; i++)
		at = s.p[i] == '@' ? i + 1 : at;
	add_unescaped(&plain, str_n(s.p + at, n - at));
	while (end < plain.n && is_name_octet(plain.p[end]))
		end++;
	while (end > 0 && plain.p[end - 1] == '.')
		end--;
	if (end > 0) {
		add_dots_alike(&host, str_n(plain.p, end));
		each(arg, buf_str(&host));
	}
	buf_release(&plain);
	buf_release(&host);
}

/* Browsers take any number of slashes, of either kind. */
static struct str
skip_slashes(struct str s, size_t *count)
{
	*count = 0;
	while (*count < s.n && (s.p[*count] == '/' || s.p[*count] == '\\'))
		++*count;
	return str_skip(s, *count);
}

/* Is what ends here, before a colon, the name of a scheme? */
static bool
ends_in_scheme(struct str before)
{
	static const char *const schemes[] = {"http", "https", "ftp", "ftps"};
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		struct str scheme = str_of(schemes[i]);
		if (str_iends(before, scheme) &&
			(before.n == scheme.n || !is_alnum(before.p[before.n - scheme.n - 1])))
			return true;
	}
	return false;
}

void
links_in_text(struct str text, link_host *each, void *arg)
{
	size_t slashes;
	for (size_t i = 0; i < text.n; i++) {
		struct str here = str_skip(text, i), behind = str_skip(text, i + 1);
		if (text.p[i] == ':' && ends_in_scheme(str_n(text.p, i))) {
			struct str authority = skip_slashes(behind, &slashes);
			if (slashes > 0)
				give_authority(authority, each, arg);
		} else if (text.p[i] == ':' && str_iends(str_n(text.p, i), STR("mailto"))) {
			give_authority(behind, each, arg);
		} else if ((text.p[i] == 'w' || text.p[i] == 'W') &&
			   str_istarts(here, STR("www.")) &&
			   (i == 0 || (!is_name_octet(text.p[i - 1]) &&
					      !strchr("/\\@", text.p[i - 1])))) {
			give_authority(here, each, arg);
		}
	}
}
