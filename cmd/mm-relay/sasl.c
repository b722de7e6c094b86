#include <openssl/crypto.h>

#include "base64.h"
#include "sasl.h"

void
sasl_plain(struct buf *out, const char *user, const char *password)
{
	struct buf plain = {0};
	buf_addc(&plain, '\0');
	buf_addstr(&plain, user);
	buf_addc(&plain, '\0');
	buf_addstr(&plain, password);
	base64_encode(buf_str(&plain), out);
	OPENSSL_cleanse(plain.p, plain.n);
	buf_release(&plain);
}
