#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "sasl.h"

void
sasl_base64(struct buf *out, struct str s)
{
	buf_reserve(out, (s.n + 2) / 3 * 4 + 1);
	out->n += (size_t)EVP_EncodeBlock(
		(unsigned char *)out->p + out->n, (const unsigned char *)s.p, (int)s.n);
}

void
sasl_plain(struct buf *out, const char *user, const char *password)
{
	struct buf plain = {0};
	buf_addc(&plain, '\0');
	buf_addstr(&plain, user);
	buf_addc(&plain, '\0');
	buf_addstr(&plain, password);
	sasl_base64(out, buf_str(&plain));
	OPENSSL_cleanse(plain.p, plain.n);
	buf_release(&plain);
}
