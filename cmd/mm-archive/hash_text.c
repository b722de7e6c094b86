#include <openssl/sha.h>

#include "hash_text.h"

struct hash_text
hash_text(const unsigned char digest[32])
{
	static const char digits[] = "0123456789abcdef";
	struct hash_text h;
	for (int i = 0; i < 32; i++) {
		h.s[2 * i] = digits[digest[i] >> 4];
		h.s[2 * i + 1] = digits[digest[i] & 15];
	}
	h.s[HASH_DIGITS] = '\0';
	return h;
}

struct hash_text
hash_text_of(struct str octets)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	SHA256((const unsigned char *)(octets.p ? octets.p : ""), octets.n, digest);
	return hash_text(digest);
}

int
hash_text_parse(struct str s, struct hash_text *out)
{
	if (s.n != HASH_DIGITS)
		return -1;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return -1;
	memcpy(out->s, s.p, HASH_DIGITS);
	out->s[HASH_DIGITS] = '\0';
	return 0;
}

bool
hash_text_eq(const struct hash_text *a, const struct hash_text *b)
{
	return strcmp(a->s, b->s) == 0;
}
