#include <openssl/x509.h>

#include "base64.h"
#include "hash_text.h"
#include "log.h"
#include "pem_key.h"
#include "seal_key.h"

#define SIGNATURE_SIZE 64

static int
name_key(struct seal_key *k)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(k->key, &der);
	if (n <= 0)
		return -1;
	struct hash_text h = hash_text_of(str_n((const char *)der, (size_t)n));
	(void)str_copy(str_n(h.s, SEAL_KEY_ID), k->id, sizeof(k->id));
	OPENSSL_free(der);
	return 0;
}

/* Takes the key. */
static int
take_key(struct seal_key *k, EVP_PKEY *key, const char *path, const char *why)
{
	*k = (struct seal_key){.key = key};
	if (key && !EVP_PKEY_is_a(key, "ED25519"))
		why = "expected an Ed25519 key, as openssl genpkey -algorithm ed25519 makes it";
	else if (key && name_key(k) == 0)
		return 0;
	log_error("%s: %s", path, why);
	return -1;
}

int
seal_key_read_private(struct seal_key *k, const char *path)
{
	const char *why;
	EVP_PKEY *key = pem_private_key(path, &why);
	return take_key(k, key, path, why);
}

int
seal_key_read_public(struct seal_key *k, const char *path)
{
	const char *why;
	EVP_PKEY *key = pem_public_key(path, &why);
	return take_key(k, key, path, why);
}

void
seal_key_release(struct seal_key *k)
{
	EVP_PKEY_free(k->key);
	*k = (struct seal_key){0};
}

int
seal_key_sign(const struct seal_key *k, struct str text, struct buf *out)
{
	unsigned char signature[SIGNATURE_SIZE];
	size_t n = sizeof(signature);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good =
		ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->key) == 1 &&
		EVP_DigestSign(ctx, signature, &n, (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_free(ctx);
	if (good)
		base64_encode(str_n((const char *)signature, n), out);
	else
		log_error("cannot sign by the key %s: OpenSSL failed", k->id);
	return good ? 0 : -1;
}

bool
seal_key_verify(const struct seal_key *k, struct str text, struct str signature)
{
	struct buf octets = {0};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && base64_decode(signature, &octets) == 0 &&
		    octets.n == SIGNATURE_SIZE &&
		    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k->key) == 1 &&
		    EVP_DigestVerify(ctx, (const unsigned char *)octets.p, octets.n,
			    (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_free(ctx);
	buf_release(&octets);
	return good;
}
