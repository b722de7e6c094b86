/* Any rdata: a record that can be used holds exactly the data, and OpenSSL takes it. */
#include <openssl/ssl.h>
#include <stdint.h>
#include <stdlib.h>

#include "tlsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static SSL_CTX *ctx;
	struct tlsa t;
	if (!ctx) {
		ctx = SSL_CTX_new(TLS_client_method());
		SSL_CTX_dane_enable(ctx);
	}
	if (!tlsa_read(&t, str_n((const char *)data, size)))
		return 0;
	SSL *ssl = SSL_new(ctx);
	if (t.n + 3 != size || SSL_dane_enable(ssl, "a.example") <= 0 ||
		SSL_dane_tlsa_add(ssl, t.usage, t.selector, t.matching, t.data, t.n) != 1)
		abort();
	SSL_free(ssl);
	tlsa_release(&t);
	return 0;
}
