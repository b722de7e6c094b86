#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "aead.h"
#include "mem.h"

#define STEP (1u << 30) /* OpenSSL counts in int */

struct aead {
	EVP_CIPHER_CTX *seal, *open; /* a context that keeps its direction keeps its key */
};

struct aead *
aead_new(const unsigned char key[AEAD_KEY])
{
	struct aead *a = xmalloc(sizeof(*a));
	*a = (struct aead){EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_new()};
	if (a->seal && a->open &&
		EVP_EncryptInit_ex(a->seal, EVP_aes_256_gcm(), NULL, key, NULL) == 1 &&
		EVP_DecryptInit_ex(a->open, EVP_aes_256_gcm(), NULL, key, NULL) == 1)
		return a;
	aead_free(a);
	return NULL;
}

void
aead_free(struct aead *a)
{
	if (!a)
		return;
	EVP_CIPHER_CTX_free(a->seal);
	EVP_CIPHER_CTX_free(a->open);
	free(a);
}

static int
update(EVP_CIPHER_CTX *c, unsigned char *out, struct str in)
{
	int n;
	while (in.n) {
		size_t step = in.n < STEP ? in.n : STEP;
		if (EVP_CipherUpdate(c, out, &n, (const unsigned char *)in.p, (int)step) != 1)
			return -1;
		in = str_skip(in, step);
		out = out ? out + step : NULL;
	}
	return 0;
}

int
aead_seal(struct aead *a, const unsigned char nonce[AEAD_NONCE], struct str aad,
	struct str plain, unsigned char *out, unsigned char tag[AEAD_TAG])
{
	int n;
	if (plain.n > AEAD_MAX || EVP_EncryptInit_ex(a->seal, NULL, NULL, NULL, nonce) != 1 ||
		update(a->seal, NULL, aad) < 0 || update(a->seal, out, plain) < 0 ||
		EVP_EncryptFinal_ex(a->seal, tag, &n) != 1)
		return -1;
	return EVP_CIPHER_CTX_ctrl(a->seal, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG, tag) == 1 ? 0 : -1;
}

int
aead_open(struct aead *a, const unsigned char nonce[AEAD_NONCE], struct str aad,
	struct str sealed, const unsigned char tag[AEAD_TAG], unsigned char *out)
{
	unsigned char given[AEAD_TAG], none[AEAD_TAG];
	int n;
	memcpy(given, tag, AEAD_TAG);
	if (sealed.n > AEAD_MAX || EVP_DecryptInit_ex(a->open, NULL, NULL, NULL, nonce) != 1 ||
		update(a->open, NULL, aad) < 0 || update(a->open, out, sealed) < 0 ||
		EVP_CIPHER_CTX_ctrl(a->open, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG, given) != 1)
		return -1;
	return EVP_DecryptFinal_ex(a->open, none, &n) == 1 ? 0 : -1;
}

int
aead_peek(struct aead *a, const unsigned char nonce[AEAD_NONCE], struct str sealed,
	unsigned char *out)
{
	sealed.n = sealed.n < 16 ? sealed.n : 16;
	return EVP_DecryptInit_ex(a->open, NULL, NULL, NULL, nonce) == 1 &&
			       update(a->open, out, sealed) == 0
		       ? 0
		       : -1;
}

int
hkdf_sha256(const unsigned char key[AEAD_KEY], struct str salt, struct str info,
	unsigned char out[AEAD_KEY])
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	size_t n = AEAD_KEY;
	int good = c && EVP_PKEY_derive_init(c) == 1 &&
		   EVP_PKEY_CTX_set_hkdf_md(c, EVP_sha256()) == 1 &&
		   EVP_PKEY_CTX_set1_hkdf_salt(c, (const unsigned char *)salt.p, (int)salt.n) ==
			   1 &&
		   EVP_PKEY_CTX_set1_hkdf_key(c, key, AEAD_KEY) == 1 &&
		   EVP_PKEY_CTX_add1_hkdf_info(c, (const unsigned char *)info.p, (int)info.n) ==
			   1 &&
		   EVP_PKEY_derive(c, out, &n) == 1;
	EVP_PKEY_CTX_free(c);
	return good ? 0 : -1;
}

int
random_octets(void *p, size_t n)
{
	return RAND_priv_bytes(p, (int)n) == 1 ? 0 : -1;
}
