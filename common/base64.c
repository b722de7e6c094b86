#include <openssl/evp.h>

#include "base64.h"

static bool
is_digit64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '+' || c == '/';
}

/* EVP_DecodeBlock() passes over spaces and decodes padding as zeros. */
int
base64_decode(struct str s, struct buf *out)
{
	size_t padding = 0;
	if (s.n % 4 != 0 || s.n > 1 << 20)
		return -1;
	while (padding < 2 && padding < s.n && s.p[s.n - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < s.n - padding; i++)
		if (!is_digit64(s.p[i]))
			return -1;
	buf_reserve(out, s.n + 1);
	int n = EVP_DecodeBlock(
		(unsigned char *)out->p + out->n, (const unsigned char *)s.p, (int)s.n);
	if (n < (int)padding)
		return -1;
	out->n += (size_t)n - padding;
	return 0;
}

void
base64_encode(struct str s, struct buf *out)
{
	buf_reserve(out, (s.n + 2) / 3 * 4 + 1);
	out->n += (size_t)EVP_EncodeBlock(
		(unsigned char *)out->p + out->n, (const unsigned char *)s.p, (int)s.n);
}

void
base64url_encode(struct str s, struct buf *out)
{
	size_t from = out->n;
	base64_encode(s, out);
	while (out->n > from && out->p[out->n - 1] == '=')
		out->n--;
	for (size_t i = from; i < out->n; i++)
		if (out->p[i] == '+')
			out->p[i] = '-';
		else if (out->p[i] == '/')
			out->p[i] = '_';
}
