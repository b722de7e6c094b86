#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "scram_hash.h"

bool
scram_sign(const unsigned char key[SCRAM_KEY_SIZE], struct str text,
	unsigned char out[SCRAM_KEY_SIZE])
{
	return HMAC(EVP_sha256(), key, SCRAM_KEY_SIZE, (const unsigned char *)text.p, text.n,
		       out, NULL) != NULL;
}

int
scram_derive(struct scram_derived *d, struct str password, struct str salt, unsigned iterations)
{
	unsigned char salted[SCRAM_KEY_SIZE];
	if (password.n > INT_MAX || salt.n > INT_MAX || iterations == 0 || iterations > INT_MAX)
		return -1;
	bool good = PKCS5_PBKDF2_HMAC(password.p ? password.p : "", (int)password.n,
			    (const unsigned char *)salt.p, (int)salt.n, (int)iterations,
			    EVP_sha256(), sizeof(salted), salted) == 1 &&
		    scram_sign(salted, STR("Client Key"), d->client) &&
		    SHA256(d->client, sizeof(d->client), d->stored) &&
		    scram_sign(salted, STR("Server Key"), d->server);
	OPENSSL_cleanse(salted, sizeof(salted));
	return good ? 0 : -1;
}

void
scram_xor(unsigned char out[SCRAM_KEY_SIZE], const unsigned char with[SCRAM_KEY_SIZE])
{
	for (size_t i = 0; i < SCRAM_KEY_SIZE; i++)
		out[i] ^= with[i];
}
