#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>

#include "log.h"
#include "ulid.h"

static void
random_bytes(unsigned char *p, size_t n)
{
	static unsigned char pool[4096];
	static size_t left;
	if (left < n) {
		if (getrandom(pool, sizeof(pool), 0) != (ssize_t)sizeof(pool)) {
			log_error("cannot read random bytes");
			exit(EX_TEMPFAIL);
		}
		left = sizeof(pool);
	}
	memcpy(p, pool + sizeof(pool) - left, n);
	left -= n;
}

char *
ulid_new(int64_t ms, char out[ULID_SIZE])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char bytes[10];
	random_bytes(bytes, sizeof(bytes));
	for (int i = 9; i >= 0; i--, ms >>= 5)
		out[i] = digits[ms & 31];
	unsigned bits = 0, acc = 0;
	size_t at = 10;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		acc = acc << 8 | bytes[i];
		for (bits += 8; bits >= 5; bits -= 5)
			out[at++] = digits[acc >> (bits - 5) & 31];
	}
	out[at] = '\0';
	return out;
}

bool
id_valid(struct str s)
{
	if (s.n == 0 || s.n > 128 || s.p[0] == '.')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);
		bool ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
			  c == '_' || c == '-';
		if (!ok)
			return false;
	}
	return true;
}
