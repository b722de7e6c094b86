#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <string.h>

#include "log.h"
#include "tickets.h"

#define HMAC_SIZE 64 /* of SHA-512 */

static unsigned char secret[32];

int
tickets_init(void)
{
	if (RAND_bytes(secret, sizeof(secret)) == 1)
		return 0;
	log_error("cannot draw a secret for session tickets");
	return -1;
}

/* As many octets as OpenSSL asks for: a name, an HMAC key, an AES key. */
int
tickets_use(SSL_CTX *ctx, const unsigned char terms[TICKETS_DIGEST_SIZE])
{
	unsigned char keys[4 * HMAC_SIZE], input[TICKETS_DIGEST_SIZE + 1];
	long wanted = SSL_CTX_set_tlsext_ticket_keys(ctx, NULL, 0);
	bool good = wanted > 0 && (size_t)wanted <= sizeof(keys);
	memcpy(input, terms, TICKETS_DIGEST_SIZE);
	for (unsigned char i = 0; i < 4; i++) {
		input[TICKETS_DIGEST_SIZE] = i;
		good = good && HMAC(EVP_sha512(), secret, sizeof(secret), input, sizeof(input),
				       keys + (size_t)i * HMAC_SIZE, NULL) != NULL;
	}
	good = good && SSL_CTX_set_tlsext_ticket_keys(ctx, keys, wanted) == 1;
	OPENSSL_cleanse(keys, sizeof(keys));
	if (!good)
		log_error("cannot set the keys of session tickets");
	return good ? 0 : -1;
}
