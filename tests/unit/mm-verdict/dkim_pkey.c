#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base64.h"
#include "dkim_pkey.h"
#include "tap.h"

static const unsigned char hash[DKIM_HASH_SIZE] = "the hash of nothing in particula";

static struct dkim_key
key_of(enum dkim_algorithm algorithm, const void *octets, size_t n)
{
	struct dkim_key k = {.algorithm = algorithm};
	base64_encode(str_n(octets, n), &k.base64);
	return k;
}

static struct buf
signed_by(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	struct buf out = {0};
	size_t n = 1024;
	buf_reserve(&out, n);
	EVP_PKEY_sign_init(ctx);
	EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING);
	EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256());
	EVP_PKEY_sign(ctx, (unsigned char *)out.p, &n, hash, sizeof(hash));
	out.n = n;
	EVP_PKEY_CTX_free(ctx);
	return out;
}

static bool
serves(struct dkim_key *record, struct str signature)
{
	char reason[128];
	struct dkim_pkey *k = dkim_pkey_get(record, reason, sizeof(reason));
	return k && dkim_pkey_verifies(k, hash, signature);
}

/* The RSAPublicKey is what the bits of the SubjectPublicKeyInfo hold. */
static void
rsa(void)
{
	EVP_PKEY *pair = EVP_RSA_gen(2048);
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(pair, &der), bare = 24;
	struct buf signature = signed_by(pair);
	struct dkim_key info = key_of(DKIM_RSA_SHA256, der, (size_t)n),
			inner = key_of(DKIM_RSA_SHA256, der + bare, (size_t)(n - bare)),
			cut = key_of(DKIM_RSA_SHA256, der, (size_t)n - 9);
	char reason[128];
	ok(serves(&info, buf_str(&signature)), "SubjectPublicKeyInfo");
	ok(serves(&info, buf_str(&signature)), "again");
	ok(serves(&inner, buf_str(&signature)), "bare RSAPublicKey");
	signature.p[7] ^= 1;
	ok(!serves(&info, buf_str(&signature)), "another signature");
	ok(!serves(&info, STR("short")), "a short one");
	ok(!dkim_pkey_get(&cut, reason, sizeof(reason)), "a key that is cut");
	is_str(reason, "malformed key", "and why");
	dkim_key_release(&info);
	dkim_key_release(&inner);
	dkim_key_release(&cut);
	buf_release(&signature);
	OPENSSL_free(der);
	EVP_PKEY_free(pair);
}

static void
refused(unsigned bits, const char *expected)
{
	EVP_PKEY *pair = EVP_RSA_gen(bits);
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(pair, &der);
	struct dkim_key k = key_of(DKIM_RSA_SHA256, der, (size_t)n);
	char reason[128];
	ok(!dkim_pkey_get(&k, reason, sizeof(reason)), "%u bits", bits);
	is_str(reason, expected, "and why");
	dkim_key_release(&k);
	OPENSSL_free(der);
	EVP_PKEY_free(pair);
}

/* More keys than are kept, each of which must still be itself. */
static void
many(void)
{
	enum { KEYS = 1100 };
	int wrong = 0;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < KEYS; i++) {
			unsigned char seed[32] = {(unsigned char)i, (unsigned char)(i >> 8)};
			unsigned char public[32];
			size_t n = sizeof(public);
			EVP_PKEY *pair = EVP_PKEY_new_raw_private_key(
				EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
			EVP_PKEY_get_raw_public_key(pair, public, &n);
			struct dkim_key k = key_of(DKIM_ED25519_SHA256, public, n);
			unsigned char signature[64];
			size_t len = sizeof(signature);
			EVP_MD_CTX *md = EVP_MD_CTX_new();
			EVP_DigestSignInit(md, NULL, NULL, NULL, pair);
			EVP_DigestSign(md, signature, &len, hash, sizeof(hash));
			wrong += !serves(&k, str_n((char *)signature, len));
			EVP_MD_CTX_free(md);
			EVP_PKEY_free(pair);
			dkim_key_release(&k);
		}
	}
	is_int(wrong, 0, "1100 keys, twice");
}

int
main(void)
{
	char reason[128];
	rsa();
	refused(512, "key of 512 bits, expected 1024 or more");
	refused(4104, "key of 4104 bits, expected 4096 or less");
	struct dkim_key empty = key_of(DKIM_RSA_SHA256, "", 0),
			short_key = key_of(DKIM_ED25519_SHA256, "too short", 9);
	ok(!dkim_pkey_get(&empty, reason, sizeof(reason)), "an empty key");
	ok(!dkim_pkey_get(&short_key, reason, sizeof(reason)), "an ed25519 key too short");
	dkim_key_release(&empty);
	dkim_key_release(&short_key);
	many();
	return done();
}
